"""A function or a container service whose deployments CodeDeploy runs: we start one, follow it, and stop it.

CreateDeployment has no token that would make a second request harmless, so ours carry the rollout's id, and are looked
for before one is made.
"""

import json
from hashlib import sha256
from typing import Final

from botocore.exceptions import ClientError, HTTPClientError

from rollouts.aws import Answer, Aws, code_of
from rollouts.clock import SKEW_MAX
from rollouts.driver import Progress, Ready, Sources, Survey
from rollouts.drivers.deployed import FunctionPlace, Place, ServicePlace
from rollouts.record import Rollout
from stacks.targets import CodeDeployTarget

_ACTIVE: Final = ("Created", "Queued", "InProgress", "Baking", "Ready")
_BUSY: Final = "DeploymentLimitExceededException"
_OVER: Final = "DeploymentAlreadyCompletedException"
_BATCH_MAX: Final = 25
"""Deployments in one question (CodeDeploy API, BatchGetDeployments)."""
_ROLLBACK: Final = "codeDeployRollback"


class CodeDeployDriver:
    """Starts the deployment of the candidate, follows it, and stops it."""

    def __init__(self, aws: Aws, target: CodeDeployTarget, rollout: Rollout) -> None:
        self._aws, self._target, self._rollout = aws, target, rollout
        is_function = target.platform == "lambda"
        self._place: Place = (FunctionPlace if is_function else ServicePlace)(aws, target, rollout)
        self._mark = f"onramp {rollout.id}"
        self._mark_back = f"onramp {rollout.id} back"

    def survey(self) -> Survey:
        """What is live, and whether CodeDeploy is at rest."""
        found = self._place.survey()
        busy = [
            f"CodeDeploy is deploying {self._target.service} already ({each['deploymentId']}); wait for it, or: "
            f"aws deploy stop-deployment --auto-rollback-enabled --deployment-id {each['deploymentId']}"
            for each in self._active()
        ]
        return Survey(live=found.live, side=found.side, problems=(*busy, *found.problems))

    def prepare(self) -> Ready:
        """Start the deployment, unless it was started already."""
        recent = self._described(createTimeRange={"start": self._rollout.started_at - SKEW_MAX})
        ours = [each for each in recent if each.get("description") == self._mark]
        if ours:
            return Ready(done=True, handle=str(ours[0]["deploymentId"]))
        foreign = [str(each["deploymentId"]) for each in recent if each["status"] in _ACTIVE]
        if foreign:
            return Ready(done=False, failed=True, because=f"somebody else has started the deployment {foreign[0]}")
        handle = self._start(self._rollout.live, self._rollout.candidate, self._mark)
        return Ready(done=bool(handle), handle=handle, because="CodeDeploy was asked to begin, and has not answered")

    def progress(self) -> Progress:
        """Where the deployment is; one that was stopped or has failed is never taken for a success."""
        handle = self._rollout.handle
        found = self._aws.ask("codedeploy", "get_deployment", deploymentId=handle)["deploymentInfo"]
        status, back = str(found["status"]), found.get("rollbackInfo", {})
        if status in {"Failed", "Stopped"}:
            error = found.get("errorInformation", {})
            because = f"CodeDeploy says {status}: {error.get('code', 'no reason')}. {error.get('message', '')}".strip()
            state = "rolled-back" if back.get("rollbackDeploymentId") else "failed"
            return Progress(state=state, weight=0, because=because)
        if status == "Succeeded":
            return Progress(state="succeeded", weight=self._rollout.weight)
        return Progress(state="running", weight=self._place.weight())

    def allow(self, question: str) -> None:
        """CodeDeploy asks nobody but the functions of its hooks."""

    def zero(self) -> None:
        """Have CodeDeploy stop and go back; an alias is moved back by ourselves as well, because that is at once."""
        ours = [self._rollout.handle] if self._rollout.handle else self._unwritten()
        for each in ours:
            self._stop(each)
        if ours:
            self._place.go_back()

    def restore(self) -> Ready:
        """Wait until CodeDeploy has gone back; where there was nothing left to stop, deploy the live revision."""
        for each in self._active():
            if each.get("creator") == _ROLLBACK or each.get("description") == self._mark_back:
                return Ready(done=False, because="CodeDeploy goes back")
            if each.get("description") != self._mark:
                return _foreign(f"the deployment {each['deploymentId']}")
            self._stop(str(each["deploymentId"]))
            return Ready(done=False, because="the candidate was still being deployed")
        return self._live_again()

    def promote(self) -> Ready:
        """CodeDeploy has removed the old tasks; versions are kept."""
        return Ready(done=True)

    def running(self) -> str:
        """What all of the traffic reaches, when nothing is being deployed."""
        return "" if self._active() else self._place.running()

    def targets(self) -> None:
        """CodeDeploy itself waits for healthy targets."""

    def sources(self) -> Sources | None:
        """Where the two sides are counted."""
        return self._place.sources()

    def _unwritten(self) -> list[str]:
        """A deployment of ours that is not in the ledger yet."""
        return [str(each["deploymentId"]) for each in self._active() if each.get("description") == self._mark]

    def _live_again(self) -> Ready:
        live, candidate = self._rollout.live, self._rollout.candidate
        if self._place.running() == live:
            return Ready(done=True)
        found = self._place.revisions()
        if found - {live, candidate}:
            return _foreign(", ".join(sorted(found - {live, candidate})))
        if candidate in found and not self._place.go_back():
            self._start(candidate, live, self._mark_back)
        return Ready(done=False, because="the live revision gets the traffic back")

    def _start(self, old: str, new: str, mark: str) -> str:
        """Start a deployment; empty when there is one now that nobody knows of yet, which the next look finds."""
        hooks = [{event: function} for event, function in self._target.hooks.items()]
        spec = {"version": 0.0, "Resources": [self._place.resource(old, new)], "Hooks": hooks}
        content = json.dumps(spec, sort_keys=True)
        app_spec = {"content": content, "sha256": sha256(content.encode()).hexdigest()}
        try:
            answer = self._aws.ask_once(
                "codedeploy",
                "create_deployment",
                applicationName=self._target.application,
                deploymentGroupName=self._target.group,
                revision={"revisionType": "AppSpecContent", "appSpecContent": app_spec},
                description=mark,
            )
        except HTTPClientError:
            return ""
        except ClientError as error:
            if code_of(error) != _BUSY:
                raise
            return ""
        return str(answer["deploymentId"])

    def _stop(self, deployment: str) -> None:
        """What is over cannot be stopped, and need not be."""
        try:
            self._aws.ask("codedeploy", "stop_deployment", deploymentId=deployment, autoRollbackEnabled=True)
        except ClientError as error:
            if code_of(error) != _OVER:
                raise

    def _active(self) -> list[Answer]:
        return list(self._described(includeOnlyStatuses=[*_ACTIVE]))

    def _described(self, **only: object) -> list[Answer]:
        """The group's deployments."""
        ids = self._ids(**only)
        parts = (ids[start : start + _BATCH_MAX] for start in range(0, len(ids), _BATCH_MAX))
        return [each for part in parts for each in self._batch(part)]

    def _ids(self, **only: object) -> list[str]:
        found = self._aws.all(
            "codedeploy",
            "list_deployments",
            "deployments",
            applicationName=self._target.application,
            deploymentGroupName=self._target.group,
            **only,
        )
        return [str(each) for each in found]

    def _batch(self, ids: list[str]) -> list[Answer]:
        answer = self._aws.ask("codedeploy", "batch_get_deployments", deploymentIds=ids)
        return answer["deploymentsInfo"]


def _foreign(what: str) -> Ready:
    return Ready(done=False, failed=True, because=f"somebody else has deployed {what}")
