"""Whether what was built is what is live, by another number.

AWS counts versions up whatever is in them: who puts the former version back gets a new number for what runs already.
"""

from typing import Final

from rollouts.aws import Answer, Aws
from stacks.targets import BEGUN_BY_UPDATE, AliasTarget, BalancerTarget, CodeDeployTarget, Target

_OF_A_FUNCTION: Final = frozenset(
    {
        *("ConfigSha256", "FunctionArn", "LastModified", "MasterArn", "ResponseMetadata", "RevisionId", "Version"),
        *("State", "StateReason", "StateReasonCode"),
        *("LastUpdateStatus", "LastUpdateStatusReason", "LastUpdateStatusReasonCode"),
    }
)
_OF_A_TASK: Final = frozenset(
    {"deregisteredAt", "registeredAt", "registeredBy", "revision", "status", "taskDefinitionArn"}
)
"""What two versions differ in without being different (API of Lambda and of ECS, what they describe)."""


def is_live(aws: Aws, built: Target, live: str) -> bool:
    """Whether nothing is left to roll out. Never where an update itself begins the deployment of another number.

    Of an endpoint it is not known: its configuration names a model, which has another name each time it is made.

    Args:
        aws: where to ask.
        built: as the update has left it.
        live: the revision that has the traffic; empty when it is none.
    """
    if not live or built.revision == live or built.driver in BEGUN_BY_UPDATE:
        return built.revision == live
    match built:
        case AliasTarget() | CodeDeployTarget(platform="lambda"):
            old, new = (_function(aws, built.function, each) for each in (live, built.revision))
        case BalancerTarget() | CodeDeployTarget(platform="ecs"):
            old, new = (_task(aws, each) for each in (live, built.revision))
        case _:
            return False
    return old == new


def _function(aws: Aws, name: str, version: str) -> Answer:
    found = aws.ask("lambda", "get_function_configuration", FunctionName=name, Qualifier=version)
    return {key: value for key, value in found.items() if key not in _OF_A_FUNCTION}


def _task(aws: Aws, definition: str) -> Answer:
    found = aws.ask("ecs", "describe_task_definition", taskDefinition=definition)["taskDefinition"]
    return {key: value for key, value in found.items() if key not in _OF_A_TASK}
