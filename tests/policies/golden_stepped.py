"""The good environment with services between whose versions Onramp itself moves the traffic."""

import copy
from collections.abc import Callable

from policies import kinds
from stacks.standards import Tier
from tests.policies.draft import Draft
from tests.policies.golden import FARGATE, LAMBDA, good
from tests.policies.golden_endpoint import NAME as MODEL

BLUE, RULE, FLOOR = (f"{FARGATE}-{part}" for part in ("service", "rule", "scaling"))
GREEN, OTHER_FLOOR = f"{BLUE}-green", f"{FLOOR}-green"
ALIAS, ENDPOINT = f"{LAMBDA}-alias", f"{MODEL}-endpoint"
ROLLBACK = {
    FARGATE: f"{FARGATE}-HTTPCode_Target_5XX_Count",
    LAMBDA: f"{LAMBDA}-Errors",
    MODEL: f"{MODEL}-Invocation5XXErrors",
}
"""An alarm of each that ends a rollout."""


def stepped(tier: Tier = "prod", start: Callable[[Tier], Draft] = good) -> Draft:
    """A container service, a function and an endpoint."""
    draft = start(tier)
    for name, alarm in ROLLBACK.items():
        draft.set(name, "stepped", True)  # noqa: FBT003 - a value of the graph
        draft.add(f"{name}-alerting", kinds.ALERTING, name, service=name, rollback=[alarm])
    _containers(draft)
    draft.drop(f"{LAMBDA}-shift", f"{LAMBDA}-steps", f"{LAMBDA}-failed", f"{LAMBDA}-failed-target")
    draft.nodes[ALIAS].ignores = ("functionVersion", "routingConfig")
    draft.unset(ENDPOINT, "deploymentConfig")
    draft.nodes[ENDPOINT].ignores = ("endpointConfigName", "deploymentConfig")
    return draft


def _containers(draft: Draft) -> None:
    draft.set(FARGATE, "tasks", 2)
    draft.set(FARGATE, "serviceConnect", False)  # noqa: FBT003 - a value of the graph
    draft.set(BLUE, "deploymentConfiguration", {"strategy": "ROLLING"})
    draft.unset(BLUE, "alarms")
    draft.unset(BLUE, "serviceConnectConfiguration")
    draft.nodes[BLUE].ignores = ("desiredCount", "taskDefinition")
    draft.nodes[FLOOR].ignores = ("minCapacity",)
    draft.nodes[RULE].ignores = ("actions",)
    for blue, green in ((BLUE, GREEN), (FLOOR, OTHER_FLOOR), (f"{FLOOR}-cpu", f"{FLOOR}-cpu-green")):
        draft.nodes[green] = copy.deepcopy(draft.nodes[blue])
    draft.set(GREEN, "name", f"{FARGATE}-green")
    draft.set(GREEN, "desiredCount", 0)
    draft.set(OTHER_FLOOR, "minCapacity", 0)
    for place in (OTHER_FLOOR, f"{FLOOR}-cpu-green"):
        draft.set(place, "resourceId", f"service/prod/{FARGATE}-green")
