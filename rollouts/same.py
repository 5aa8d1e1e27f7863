"""Whether what was built is what is live, by another number.

AWS counts versions up whatever is in them, and Pulumi makes up names: who puts the former version back gets another one
for what runs already.
"""

from collections.abc import Collection
from typing import Final

from rollouts.aws import Answer, Aws
from stacks.targets import BEGUN_BY_UPDATE, AliasTarget, BalancerTarget, CodeDeployTarget, Target, VariantsTarget

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
_OF_A_CONFIGURATION: Final = frozenset({"CreationTime", "EndpointConfigArn", "EndpointConfigName", "ResponseMetadata"})
_OF_A_MODEL: Final = frozenset({"CreationTime", "ModelArn", "ModelName", "ResponseMetadata"})
"""What two versions differ in without being different (API of Lambda, ECS and SageMaker, what they describe)."""


def is_live(aws: Aws, built: Target, live: str) -> bool:
    """Whether nothing is left to roll out. Never where an update itself begins the deployment of another number.

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
        case VariantsTarget():
            old, new = (_configuration(aws, each) for each in (live, built.revision))
        case _:
            return False
    return old == new


def _function(aws: Aws, name: str, version: str) -> Answer:
    found = aws.ask("lambda", "get_function_configuration", FunctionName=name, Qualifier=version)
    return _without(found, _OF_A_FUNCTION)


def _task(aws: Aws, definition: str) -> Answer:
    found = aws.ask("ecs", "describe_task_definition", taskDefinition=definition)["taskDefinition"]
    return _without(found, _OF_A_TASK)


def _configuration(aws: Aws, name: str) -> Answer:
    """With what is in its models instead of their names, which Pulumi makes up."""
    found = _without(aws.ask("sagemaker", "describe_endpoint_config", EndpointConfigName=name), _OF_A_CONFIGURATION)
    models = [
        aws.ask("sagemaker", "describe_model", ModelName=each["ModelName"]) for each in found["ProductionVariants"]
    ]
    variants = [_without(each, {"ModelName"}) for each in found["ProductionVariants"]]
    return {**found, "ProductionVariants": variants, "models": [_without(model, _OF_A_MODEL) for model in models]}


def _without(found: Answer, keys: Collection[str]) -> Answer:
    return {key: value for key, value in found.items() if key not in keys}
