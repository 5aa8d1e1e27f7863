"""An App Runner service: all its instances are replaced at once, so it is judged after it has been replaced.

App Runner does one thing at a time, and nothing stops it: while it is at work it refuses every change.
"""

from typing import Final

from botocore.exceptions import ClientError

from rollouts.aws import Answer, Aws, code_of
from rollouts.driver import Progress, Ready, Source, Sources, Survey
from rollouts.record import ALL, Rollout
from stacks.targets import RunnerTarget

_RUNNING: Final = "RUNNING"
_BUSY: Final = "OPERATION_IN_PROGRESS"
_REFUSED: Final = "InvalidStateException"
_NOT_FOUND: Final = "ResourceNotFoundException"
_DEPLOYS: Final = frozenset({"UPDATE_SERVICE", "START_DEPLOYMENT"})
_UNDER_WAY: Final = frozenset({"PENDING", "IN_PROGRESS"})
_DONE: Final = "SUCCEEDED"
_GOES_BACK: Final = "ROLLBACK_IN_PROGRESS"
_GAVE_UP: Final = frozenset({"FAILED", "ROLLBACK_FAILED"})
_PAGE: Final = 20
"""Operations in a page, the newest first (App Runner API, ListOperations)."""
_MILLISECOND: Final = 0.001


class RunnerDriver:
    """Follows the operation with which App Runner replaces a service."""

    def __init__(self, aws: Aws, target: RunnerTarget, rollout: Rollout) -> None:
        self._aws, self._target, self._rollout = aws, target, rollout

    def survey(self) -> Survey:
        """Which image runs, and whether the service is at rest."""
        name = self._target.service_name
        try:
            found = self._service()
        except ClientError as error:
            if code_of(error) != _NOT_FOUND:
                raise
            return Survey(live="", problems=(f"App Runner has no service {name}; run pulumi up, which makes it",))
        status, problems = str(found["Status"]), list[str]()
        if status == _BUSY:
            problems.append(f"App Runner is changing {name}; nothing stops it, so wait until it is RUNNING")
        elif status != _RUNNING:
            problems.append(f"{name} is {status}; resume it first, or let pulumi up do so")
        if found["SourceConfiguration"].get("AutoDeploymentsEnabled"):
            problems.append(f"{name} deploys whatever is pushed by itself; write rollout.strategy: approved")
        note = "App Runner replaces all instances at once: the new version is judged when it has all requests"
        return Survey(live=_revision(found), problems=tuple(problems), notes=(note,))

    def prepare(self) -> Ready:
        """App Runner has begun; where nobody has asked it to since the rollout began, we do."""
        found = self._service()
        newest = self._newest()
        if found["Status"] == _BUSY or _revision(found) == self._rollout.candidate:
            return Ready(done=True)
        if newest is not None and newest["StartedAt"] >= self._rollout.started_at:
            return Ready(done=True)  # it has begun, and gone back already
        self._deploy(found, self._rollout.candidate)
        return Ready(done=False, because="App Runner was asked to begin")

    def progress(self) -> Progress:
        """Where the newest operation is. When it is done, the old image can still be deployed, so the gates decide."""
        found, newest = self._service(), self._newest()
        status = str(newest["Status"]) if newest is not None else ""
        if status in _UNDER_WAY or (found["Status"] == _BUSY and status != _GOES_BACK):
            return Progress(state="running", weight=0)
        if status == _DONE and _revision(found) == self._rollout.candidate:
            return Progress(state="replaced", weight=ALL)
        if status == _DONE and self._rollout.weight:
            return Progress(state="running", weight=0)  # somebody has deployed another image since
        because = f"App Runner runs {_revision(found)}, and its last operation is {status or 'not there'}"
        return Progress(state="failed" if status in _GAVE_UP else "rolled-back", weight=0, because=because)

    def allow(self, question: str) -> None:
        """App Runner asks nothing."""

    def zero(self) -> None:
        """Deploy the live image again. An operation under way is not stopped by anything; then `restore` asks again.

        The source configuration is read before, because App Runner replaces all of it, port and environment too.
        """
        found = self._service()
        if _revision(found) != self._rollout.live:
            self._deploy(found, self._rollout.live)

    def restore(self) -> Ready:
        """All requests are with the live image again."""
        found, newest = self._service(), self._newest()
        status = str(newest["Status"]) if newest is not None else _DONE
        if found["Status"] == _BUSY:
            return Ready(done=False, because=f"App Runner is at work on it ({status})")
        if found["Status"] != _RUNNING:
            return Ready(done=False, failed=True, because=f"the service is {found['Status']}")
        if _revision(found) == self._rollout.live:
            return Ready(done=True)
        if status != _DONE:
            because = f"App Runner could not go back ({status}), and runs {_revision(found)}: deploy it by hand"
            return Ready(done=False, failed=True, because=because)
        self._deploy(found, self._rollout.live)
        return Ready(done=False, because="App Runner was asked to go back")

    def promote(self) -> Ready:
        """App Runner has removed the old instances."""
        return Ready(done=True)

    def running(self) -> str:
        """The address of the image, with its digest; none while App Runner is at work."""
        found = self._service()
        return _revision(found) if found["Status"] == _RUNNING else ""

    def targets(self) -> None:
        """App Runner tells of none."""

    def sources(self) -> Sources:
        """One count for whatever runs: before, it is the live version's, and after, the candidate's."""
        source = Source(
            namespace="AWS/AppRunner",
            dimensions={
                "ServiceName": self._target.service_name,
                "ServiceID": self._target.service_arn.rpartition("/")[2],
            },
            requests="Requests",
            errors="5xxStatusResponses",
            latency="RequestLatency",
            seconds=_MILLISECOND,
        )
        return Sources(candidate=source, baseline=source)

    def _service(self) -> Answer:
        return self._aws.ask("apprunner", "describe_service", ServiceArn=self._target.service_arn)["Service"]

    def _newest(self) -> Answer | None:
        """The last operation that deployed something."""
        arn = self._target.service_arn
        found = self._aws.ask("apprunner", "list_operations", ServiceArn=arn, MaxResults=_PAGE)
        return next((each for each in found["OperationSummaryList"] if each["Type"] in _DEPLOYS), None)

    def _deploy(self, found: Answer, revision: str) -> None:
        """Everything as it is, but for the image; without effect while App Runner is at work."""
        source: Answer = found["SourceConfiguration"]
        repository: Answer = source["ImageRepository"]
        wanted = {**source, "ImageRepository": {**repository, "ImageIdentifier": revision}}
        try:
            self._aws.ask(
                "apprunner", "update_service", ServiceArn=self._target.service_arn, SourceConfiguration=wanted
            )
        except ClientError as error:
            if code_of(error) != _REFUSED:
                raise


def _revision(service: Answer) -> str:
    """The address of the image in its source."""
    return str(service["SourceConfiguration"]["ImageRepository"]["ImageIdentifier"])
