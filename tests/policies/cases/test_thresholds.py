"""Rules with a number: the number itself passes, one step past it fails, and so does everything beyond."""

from collections.abc import Callable
from typing import Final, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stacks import limits, standards
from stacks.standards import Tier
from tests.policies.breaks import FUNCTION, MAIN, SERVICE, TASK
from tests.policies.cases.case import RULE, ask
from tests.policies.draft import Draft, Json
from tests.policies.golden import FARGATE, LAMBDA, good
from tests.policies.golden_base import QUEUE
from tests.policies.golden_endpoint import NAME as MODEL
from tests.policies.golden_fargate import GROUP, by_codedeploy, on_spot
from tests.policies.golden_stores import CLUSTER, INSTANCE
from tests.policies.golden_web import RUNNER, with_web

MICROSECONDS: Final = 1_000
MILLISECONDS: Final = 1_000
BACKUP_DAYS: Final = min(standards.DATABASE_BACKUP_DAYS.values())
WARM: Final = "targetTrackingScalingPolicyConfiguration.targetValue"
WAIT: Final = "deploymentConfig.blueGreenUpdatePolicy.trafficRoutingConfiguration.waitIntervalInSeconds"
ENDS: Final = "blueGreenDeploymentConfig.terminateBlueInstancesOnDeploymentSuccess.terminationWaitTimeInMinutes"
HEALTH: Final = "healthCheckConfiguration"
RUN: Final = f"{RUNNER}-service"
STREAM: Final = f"{LAMBDA}-from-stream"


class Threshold(NamedTuple):
    """The last value that a rule takes at an input; `step` leads to the first that it does not take, and beyond."""

    rule: str
    name: str
    path: str
    last: float
    step: float
    start: Callable[[Tier], Draft] = good

    def draft(self, value: float) -> Draft:
        """The good environment with another value; text stays text."""
        draft = self.start("prod")
        is_text = isinstance(draft.get(self.name, self.path), str)
        draft.replace(self.name, self.path, str(value) if is_text else value)
        return draft

    def breaks(self, value: Json) -> bool:
        return {each.rule for each in ask(self.draft(value), RULE[self.rule]).violations} == {self.rule}


def _alarm(name: str, last: float, step: float = 1, rule: str = "alarm-looser") -> Threshold:
    return Threshold(rule, name, "threshold", last, step)


THRESHOLDS: Final = (
    # alarms of services
    _alarm(f"{FARGATE}-CPUUtilization", standards.ALARM_CPU_PERCENT),
    _alarm(f"{FARGATE}-MemoryUtilization", standards.ALARM_MEMORY_PERCENT),
    _alarm(f"{FARGATE}-ApproximateAgeOfOldestMessage", standards.ALARM_QUEUE_AGE_SECONDS),
    _alarm(f"{FARGATE}-HTTPCode_Target_5XX_Count", standards.ALARM_HTTP_5XX_COUNT),
    _alarm(f"{FARGATE}-TargetResponseTime", standards.ALARM_LATENCY_P99_MS / MILLISECONDS, 0.001),
    _alarm(f"{FARGATE}-RunningTaskCount", 2, -1),
    _alarm(f"{LAMBDA}-Errors", standards.ALARM_ERROR_PERCENT, 0.01),
    _alarm(f"{LAMBDA}-Duration", 30 * standards.ALARM_DURATION_PERCENT / 100 * MILLISECONDS),
    _alarm(f"{LAMBDA}-Throttles", 0),
    _alarm(f"{LAMBDA}-ConcurrentExecutions", 50 * standards.ALARM_CONCURRENCY_PERCENT / 100),
    _alarm(f"{LAMBDA}-IteratorAge-900000", standards.ALARM_QUEUE_AGE_SECONDS * MILLISECONDS),
    _alarm(f"{MODEL}-ModelLatency", standards.ALARM_LATENCY_P99_MS * MICROSECONDS),
    _alarm(f"{MODEL}-OverheadLatency", standards.ALARM_OVERHEAD_MS * MICROSECONDS),
    _alarm(f"{MODEL}-MemoryUtilization", standards.ALARM_MEMORY_PERCENT),
    _alarm(f"{RUNNER}-RequestLatency", standards.ALARM_LATENCY_P99_MS)._replace(start=with_web),
    _alarm(f"{RUNNER}-ActiveInstances", 9)._replace(start=with_web),
    # other alarms
    _alarm(
        f"{LAMBDA}-memory_utilization-70",
        standards.ALARM_FUNCTION_MEMORY_WARNING_PERCENT,
        rule="function-memory-alarms",
    ),
    _alarm(f"{LAMBDA}-memory_utilization-90", standards.ALARM_FUNCTION_MEMORY_PERCENT, rule="function-memory-alarms"),
    _alarm(f"{FARGATE}-probe-alarm", standards.ALARM_PROBE_SUCCESS_PERCENT, -1, "probe-alarm"),
    _alarm(f"{INSTANCE}-CPUUtilization", standards.ALARM_DATABASE_CPU_PERCENT, rule="store-alarms"),
    _alarm(f"{CLUSTER}-DatabaseConnections", 360, rule="store-alarms"),
    _alarm(f"{INSTANCE}-ReadLatency", standards.ALARM_DATABASE_LATENCY_MS / MILLISECONDS, 0.001, "store-alarms"),
    _alarm(f"{CLUSTER}-AuroraReplicaLag", standards.ALARM_DATABASE_LAG_SECONDS * MILLISECONDS, rule="store-alarms"),
    # how long
    Threshold("secret-rotation", "API_TOKEN-rotation", "rotationRules.automaticallyAfterDays", 30, 1),
    Threshold("secret-recovery", "API_TOKEN", "recoveryWindowInDays", standards.SECRET_RECOVERY_DAYS, -1),
    Threshold("database-backups", CLUSTER, "backupRetentionPeriod", BACKUP_DAYS, -1),
    Threshold("function-queue", f"{LAMBDA}-queue", "visibilityTimeoutSeconds", 6 * 30, -1),
    Threshold("function-stream", STREAM, "maximumRetryAttempts", 0, -1),
    Threshold("function-stream", STREAM, "maximumRecordAgeInSeconds", 0, -1),
    Threshold("deployment-strategy", SERVICE, "deploymentConfiguration.bakeTimeInMinutes", 1, -1),
    Threshold("deployment-strategy", GROUP, ENDS, 1, -1, by_codedeploy),
    Threshold("grace-period", SERVICE, "healthCheckGracePeriodSeconds", 1, -1),
    Threshold("container-start-period", TASK, f"{MAIN}.healthCheck.startPeriod", 1, -1),
    Threshold("endpoint-guardrails", f"{MODEL}-endpoint", WAIT, 1, -1),
    # how many
    Threshold("firewall-rules", "acl", "rules.0.statement.rateBasedStatement.limit", standards.FIREWALL_RATE, 1),
    Threshold("budget-notice", "month", "notifications.0.threshold", 100, 1),
    Threshold("function-concurrency-reserved", FUNCTION, "reservedConcurrentExecutions", 1, -1),
    Threshold("provisioned-scales", f"{LAMBDA}-scaling", WARM, standards.SCALE_PROVISIONED_UTILIZATION, 0.01),
    Threshold("endpoint-two-instances", f"{MODEL}-config", "productionVariants.0.initialInstanceCount", 2, -1),
    Threshold("endpoint-two-instances", f"{MODEL}-scaling", "minCapacity", 2, -1),
    Threshold("spot-on-demand-base", SERVICE, "capacityProviderStrategies.0.base", 2, -1, on_spot),
    Threshold("scaling-minimum", f"{FARGATE}-scaling", "minCapacity", 2, -1),
    Threshold("queue-redrive", QUEUE, "redrivePolicy.maxReceiveCount", standards.QUEUE_MAX_RECEIVE, 1),
    Threshold("api-throttled", "api-stage", "defaultRouteSettings.throttlingRateLimit", 1, -1),
    Threshold("api-throttled", "api-stage", "defaultRouteSettings.throttlingBurstLimit", 1, -1),
    Threshold(
        "runner-health-check", f"{RUNNER}-service", f"{HEALTH}.interval", limits.APP_RUNNER_HEALTH_MAX, 1, with_web
    ),
    Threshold("runner-health-check", f"{RUNNER}-service", f"{HEALTH}.timeout", 1, -1, with_web),
)
EXACT: Final = (
    Threshold("log-retention", f"{FARGATE}-logs", "retentionInDays", standards.LOG_RETENTION_DAYS["prod"], 1),
    Threshold("image-keep-count", f"{FARGATE}-keep", "policy.rules.0.selection.countNumber", 30, 1),
)
"""Where any other number is wrong."""
each_threshold = pytest.mark.parametrize("threshold", THRESHOLDS, ids=[f"{one.rule}-{one.name}" for one in THRESHOLDS])
past = given(steps=st.integers(min_value=1, max_value=1_000))
few = settings(max_examples=8, deadline=None)


@each_threshold
def test_the_last_value_passes(threshold: Threshold) -> None:
    assert ask(threshold.draft(threshold.last), RULE[threshold.rule]).violations == (), (
        f"{threshold.rule} is too strict"
    )


@each_threshold
@few
@past
def test_everything_past_it_fails(threshold: Threshold, steps: int) -> None:
    value = threshold.last + steps * threshold.step
    assert threshold.breaks(value), f"{threshold.rule} takes {value} at {threshold.path}"


@each_threshold
def test_the_first_value_past_it_fails(threshold: Threshold) -> None:
    value = threshold.last + threshold.step
    assert threshold.breaks(value), f"{threshold.rule} takes {value} at {threshold.path}"


@pytest.mark.parametrize("threshold", EXACT, ids=[one.rule for one in EXACT])
@few
@given(off=st.integers(min_value=-29, max_value=1_000).filter(bool))
def test_an_exact_number_is_the_only_one(threshold: Threshold, off: int) -> None:
    assert not threshold.breaks(threshold.last)
    assert threshold.breaks(threshold.last + off), f"{threshold.rule} takes {threshold.last + off}"
