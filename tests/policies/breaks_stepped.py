"""Breakages of what only services have that Onramp shifts."""

from tests.policies.breaks import OFF, TASK, Break, Change, gone, put, without
from tests.policies.draft import Draft
from tests.policies.golden import FARGATE, LAMBDA
from tests.policies.golden_endpoint import NAME as MODEL
from tests.policies.golden_fargate import SERVICE, on_spot
from tests.policies.golden_stepped import ALIAS, ENDPOINT, FLOOR, GREEN, OTHER_FLOOR, RULE, stepped


def moved_by_updates(name: str, *ignores: str) -> Change:
    def change(draft: Draft) -> None:
        draft.nodes[name].ignores = ignores

    return change


def goes_on(draft: Draft) -> None:
    hook = {
        "targetType": "PAUSE",
        "lifecycleStages": ["PRE_PRODUCTION_TRAFFIC_SHIFT"],
        "timeoutConfiguration": {"action": "CONTINUE", "timeoutInMinutes": "90"},
    }
    draft.set(SERVICE, "deploymentConfiguration.lifecycleHooks", [hook])


def _of(rule: str, service: str, change: Change) -> Break:
    return Break(rule, service, change, "prod", stepped)


BREAKS_STEPPED = (
    _of("rollout-owns", FARGATE, moved_by_updates(RULE)),
    _of("rollout-owns", FARGATE, moved_by_updates(GREEN, "desiredCount")),
    _of("rollout-owns", FARGATE, moved_by_updates(FLOOR)),
    _of("rollout-owns", FARGATE, moved_by_updates(OTHER_FLOOR)),
    _of("rollout-owns", LAMBDA, moved_by_updates(ALIAS, "functionVersion")),
    _of("rollout-owns", MODEL, moved_by_updates(ENDPOINT, "deploymentConfig")),
    Break("rollout-keeps-versions", FARGATE, without(TASK, "skipDestroy")),
    _of("rollback-alarm", FARGATE, put(f"{FARGATE}-alerting", "rollback", [])),
    _of("rollback-alarm", FARGATE, gone(f"{FARGATE}-alerting")),
    _of("shift-rollback-alarm", LAMBDA, put(f"{LAMBDA}-alerting", "rollback", ["lost"])),
    _of("endpoint-rollback-alarms", MODEL, put(f"{MODEL}-alerting", "rollback", ["lost"])),
    _of("deployment-strategy", FARGATE, put(GREEN, "deploymentCircuitBreaker.rollback", OFF)),
    _of("alias-shift", LAMBDA, gone(ALIAS)),
    _of("scaling-minimum", FARGATE, put(FARGATE, "tasks", 1)),
    Break("deployment-hooks", FARGATE, goes_on, "prod", on_spot),
)
