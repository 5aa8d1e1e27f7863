"""An input that names a resource may refer to it instead: set when it is of the right kind, undecided when not."""

from typing import Final, NamedTuple

import pytest

from tests.policies.breaks import FUNCTION, SERVICE, SHIFT, TASK
from tests.policies.cases.case import RULE, ask, verdicts
from tests.policies.draft import Draft
from tests.policies.golden import FARGATE, LAMBDA, STACK, UNKNOWN, good
from tests.policies.golden_stores import CLUSTER, INSTANCE, TABLE

KEY: Final = "data-key"
GROUPS: Final = "networkConfiguration.securityGroups"
WRONG: Final = f"{FARGATE}-entry"
"""A Cloud Map service, which no input below may name."""


class Reference(NamedTuple):
    """An input, and what it refers to; the whole input refers to several where a part of it does."""

    rule: str
    service: str
    name: str
    path: str
    target: str

    def draft(self, target: str) -> Draft:
        """The good environment, with a reference to `target` at the input."""
        draft = good()
        draft.replace(self.name, self.path, UNKNOWN)
        draft.nodes[self.name].refers[self.path.partition(".")[0]] = target.split()
        return draft


REFERENCES: Final = (
    Reference(
        "service-in-network", FARGATE, SERVICE, "networkConfiguration.securityGroups", f"private-1 {FARGATE}-group"
    ),
    Reference("service-in-network", LAMBDA, FUNCTION, "vpcConfig.subnetIds", f"private-1 {LAMBDA}-group"),
    Reference("own-role", FARGATE, TASK, "taskRoleArn", f"{FARGATE}-role"),
    Reference("own-role", LAMBDA, FUNCTION, "role", f"{LAMBDA}-role"),
    Reference("log-group", LAMBDA, FUNCTION, "loggingConfig.logGroup", f"{LAMBDA}-logs"),
    Reference("alarm-action", FARGATE, f"{FARGATE}-CPUUtilization", "alarmActions", "paging"),
    Reference("rollback-alarm", FARGATE, SERVICE, "alarms.alarmNames", f"{FARGATE}-HTTPCode_Target_5XX_Count"),
    Reference("shift-rollback-alarm", LAMBDA, SHIFT, "alarmConfiguration.alarms", f"{LAMBDA}-Errors"),
    Reference("alias-shift", LAMBDA, SHIFT, "deploymentConfigName", f"{LAMBDA}-steps"),
    Reference("store-encrypted", FARGATE, INSTANCE, "kmsKeyId", KEY),
    Reference("store-encrypted", FARGATE, CLUSTER, "kmsKeyId", KEY),
    Reference("store-encrypted", FARGATE, TABLE, "serverSideEncryption.kmsKeyArn", KEY),
    Reference("rotation-administrator", FARGATE, "rotator", "parameters.masterSecretArn", "API_TOKEN"),
    Reference("vpc-link", FARGATE, f"{FARGATE}-integration", "connectionId", "api-link"),
    Reference("function-url-alias", LAMBDA, f"{LAMBDA}-url", "qualifier", f"{LAMBDA}-alias"),
)
each_reference = pytest.mark.parametrize("to", REFERENCES, ids=[f"{each.rule}-{each.name}" for each in REFERENCES])


@each_reference
def test_a_reference_to_the_right_kind_counts_as_set(to: Reference) -> None:
    draft = to.draft(to.target)

    assert ask(draft, RULE[to.rule]).violations == (), f"{to.rule} at {to.path}"
    assert verdicts(draft, RULE[to.rule])[to.service].verdict == "pass", f"{to.rule} at {to.path}"


@each_reference
def test_a_reference_to_the_wrong_kind_is_undecided_and_named(to: Reference) -> None:
    draft = to.draft(WRONG)

    verdict = verdicts(draft, RULE[to.rule])[to.service]
    assert verdict.verdict == "undecided", f"{to.rule} at {to.path}: {verdict}"
    assert to.name in verdict.because, verdict.because
    assert to.path.partition(".")[0] in verdict.because, verdict.because
    assert STACK not in verdict.because.split(), verdict.because
