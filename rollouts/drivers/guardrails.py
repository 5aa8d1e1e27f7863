"""A SageMaker endpoint that SageMaker updates itself, between its guardrails; we watch, and pull its brake.

SageMaker has no call that stops an update, and refuses every other change meanwhile. It goes back by itself when one of
the update's alarms fires. So the stack gives it one more alarm, the brake, whose state nobody sets but us; without one,
going back has to wait until SageMaker has finished. When it went back, the endpoint is simply in service, on its old
configuration: that is never a success.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Literal

from botocore.exceptions import ClientError

from rollouts.alarms import alarm_states
from rollouts.aws import Answer, Aws
from rollouts.driver import Progress, Ready, Sources, Survey
from rollouts.drivers.endpoint import BUSY, IN_SERVICE, Endpoint, is_invalid
from rollouts.record import ALL, Rollout
from stacks import limits
from stacks.targets import EndpointTarget

SKEW: Final = timedelta(seconds=30)
"""How far AWS's clock may be ahead of ours before two bakes are taken for one: our own."""
_MINUTE: Final = 60
_BAKING: Final = "Baking"
_MIXED: Final = "UpdateRollbackFailed"
"""Both fleets serve, and the endpoint takes another update (SageMaker API, DescribeEndpoint)."""
_INSTANCES: Final = ("CurrentInstanceCount", "DesiredInstanceCount")
_RESET: Final = "aws cloudwatch set-alarm-state --alarm-name {} --state-value OK --state-reason 'no rollout is open'"


class GuardrailsDriver:
    """Follows the update of an endpoint."""

    def __init__(self, aws: Aws, target: EndpointTarget, rollout: Rollout) -> None:
        self._aws, self._target, self._rollout = aws, target, rollout
        self._endpoint = Endpoint(aws, target.endpoint)

    def survey(self) -> Survey:
        """The configuration that is live, and whether SageMaker can be stopped."""
        found = self._endpoint.find()
        if found is None:
            return Survey(live="", problems=(self._endpoint.missing(),))
        problems, notes = [*self._endpoint.unfit(found), *self._brake_problems()], list[str]()
        names = sorted(str(each["VariantName"]) for each in found.get("ProductionVariants", []))
        if names != sorted(self._target.variants):
            problems.append(
                f"{self._target.endpoint} serves the variants {', '.join(names)}, and the new configuration "
                f"{', '.join(self._target.variants)}: SageMaker shifts between variants of the same name only"
            )
        if not self._target.brake:
            notes.append(
                "SageMaker cannot stop an update: an abort takes effect when it has finished, unless its own alarms "
                "bring the old version back before"
            )
        if len(names) > 1:
            notes.append("with several variants only the alarms judge: SageMaker counts no requests of all of them")
        return Survey(live=str(found["EndpointConfigName"]), problems=tuple(problems), notes=tuple(notes))

    def prepare(self) -> Ready:
        """SageMaker has begun; where nobody has asked it to since the rollout began, we do."""
        found = self._endpoint.describe()
        candidate = self._rollout.candidate
        if candidate in {found["EndpointConfigName"], _pending(found)}:
            return Ready(done=True)
        if found["EndpointStatus"] in BUSY:
            return Ready(done=False, because="SageMaker is changing the endpoint otherwise")
        if found["LastModifiedTime"] >= self._rollout.started_at:
            return Ready(done=True)  # it has begun, and gone back already
        try:
            self._endpoint.update(candidate, self._deployment())
        except ClientError as error:
            if not is_invalid(error):
                raise
            return Ready(done=False, failed=True, because=str(error))
        return Ready(done=False, because="SageMaker was asked to begin")

    def progress(self) -> Progress:
        """Where it is. In service on the candidate, it can still be brought back, so the gates have the last word."""
        found = self._endpoint.describe()
        status, config = str(found["EndpointStatus"]), str(found["EndpointConfigName"])
        why = str(found.get("FailureReason", "one of its alarms fired, or the new fleet did not start"))
        if status == IN_SERVICE and config == self._rollout.candidate:
            return Progress(state="replaced", weight=ALL)
        if status in {IN_SERVICE, "RollingBack"}:
            return Progress(state="rolled-back", weight=0, because=f"SageMaker has gone back to {config}: {why}")
        if status not in BUSY:
            return Progress(state="failed", weight=0, because=f"the endpoint is {status}: {why}")
        return Progress(state="running", weight=self._share(found))

    def allow(self, question: str) -> None:
        """SageMaker asks nothing."""

    def zero(self) -> None:
        """Make SageMaker go back: by the brake while it updates, by another update when it has finished.

        Which of both it is, the record knows but for the last bake; there the second is refused, and the brake pulled
        after all. Without a brake nothing stops an update that has begun; `restore` goes back as soon as it is over.
        """
        if self._target.brake and self._rollout.weight < ALL:
            self._set_brake("ALARM")
            return
        try:
            self._aws.ask(
                "sagemaker",
                "update_endpoint",
                EndpointName=self._target.endpoint,
                EndpointConfigName=self._rollout.live,
            )
        except ClientError as error:
            if not is_invalid(error):
                raise
            if self._target.brake:
                self._set_brake("ALARM")

    def restore(self) -> Ready:
        """The live configuration is the endpoint's again; where SageMaker has finished, it has to be asked for that."""
        found = self._endpoint.describe()
        status, config = str(found["EndpointStatus"]), str(found["EndpointConfigName"])
        if status in BUSY:
            return Ready(done=False, because=f"SageMaker is still changing the endpoint ({status})")
        if status not in {IN_SERVICE, _MIXED}:
            return Ready(done=False, failed=True, because=f"the endpoint is {status}: {found.get('FailureReason')}")
        if status == IN_SERVICE and config == self._rollout.live:
            if self._target.brake:
                self._set_brake("OK")
            return Ready(done=True)
        # All at once and without alarms: the brake may be in ALARM still.
        self._endpoint.update(self._rollout.live, {})
        return Ready(done=False, because=f"SageMaker was asked to go back to {self._rollout.live}")

    def promote(self) -> Ready:
        """SageMaker has removed the old fleet."""
        return Ready(done=True)

    def running(self) -> str:
        """The endpoint's configuration; none while SageMaker changes it."""
        found = self._endpoint.describe()
        return str(found["EndpointConfigName"]) if found["EndpointStatus"] == IN_SERVICE else ""

    def targets(self) -> None:
        """SageMaker tells of none."""

    def sources(self) -> Sources | None:
        """Each fleet is counted by its configuration (SageMaker developer guide, auto-rollback configuration)."""
        if len(self._target.variants) != 1:
            return None
        live, candidate = (
            self._endpoint.source(self._target.variants[0], EndpointConfigName=config)
            for config in (self._rollout.live, self._rollout.candidate)
        )
        return Sources(candidate=candidate, baseline=live)

    def _share(self, found: Answer) -> float:
        """The candidate's share in percent. SageMaker tells whether it bakes, and since when, but not at which step."""
        if _pending(found) != self._rollout.candidate:
            return self._rollout.weight
        variants: list[Answer] = found["PendingDeploymentSummary"].get("ProductionVariants", [])
        if not self._rollout.steps:
            up, wanted = (sum(int(each[key]) for each in variants) for key in _INSTANCES)
            return round(ALL * up / wanted) if wanted else 0
        states = [each for variant in variants for each in variant.get("VariantStatus", [])]
        since = max((each["StartTime"] for each in states if each["Status"] == _BAKING), default=None)
        seen = self._rollout.watched_since
        is_next = since is not None and (seen is None or since > seen + SKEW)
        taken = min(self._rollout.step + is_next, len(self._rollout.steps))
        return self._rollout.steps[taken - 1].weight if taken else 0

    def _brake_problems(self) -> list[str]:
        states = alarm_states(self._aws, [self._target.brake] if self._target.brake else [])
        if states.missing:
            return [f"CloudWatch has no alarm {self._target.brake}; run pulumi up, which makes it"]
        if states.firing:
            reset = _RESET.format(self._target.brake)
            return [f"{self._target.brake} is in ALARM, so SageMaker would go back at once: {reset}"]
        return []

    def _set_brake(self, state: Literal["OK", "ALARM"]) -> None:
        self._aws.ask(
            "cloudwatch",
            "set_alarm_state",
            AlarmName=self._target.brake,
            StateValue=state,
            StateReason=f"Onramp: rollout {self._rollout.id}",
        )

    def _deployment(self) -> Mapping[str, object]:
        """As the stack has the endpoint updated; a serverless one takes no such configuration, and needs none."""
        target, wait = self._target, self._target.interval_minutes * _MINUTE
        if target.strategy == "all-at-once" and not wait:
            return {}
        alarms = [*([target.brake] if target.brake else []), *target.alarms][: limits.SAGEMAKER_ROLLBACK_ALARMS_MAX]
        rollback = {"AutoRollbackConfiguration": {"Alarms": [{"AlarmName": name} for name in alarms]}} if alarms else {}
        size = {"Type": "CAPACITY_PERCENT", "Value": int(target.percent)}
        if target.strategy == "rolling":
            rolling = {"MaximumBatchSize": size, "WaitIntervalInSeconds": wait}
            return {"DeploymentConfig": {"RollingUpdatePolicy": rolling, **rollback}}
        routing = {
            "canary": {"Type": "CANARY", "CanarySize": size},
            "linear": {"Type": "LINEAR", "LinearStepSize": size},
            "all-at-once": {"Type": "ALL_AT_ONCE"},
        }[target.strategy]
        policy = {"TrafficRoutingConfiguration": {**routing, "WaitIntervalInSeconds": wait}}
        return {"DeploymentConfig": {"BlueGreenUpdatePolicy": policy, **rollback}}


def _pending(found: Answer) -> str:
    """The configuration that the endpoint is about to have."""
    return str(found.get("PendingDeploymentSummary", {}).get("EndpointConfigName", ""))
