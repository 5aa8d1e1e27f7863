"""Which stages the pipeline of a service has: decided from plain values, without a resource."""

from dataclasses import dataclass
from typing import Final

from components.concerns.delivery.pipeline_actions import (
    CANDIDATE_DIGEST,
    COMMIT,
    Action,
    Stage,
    approval_action,
    build_action,
    git_source,
    image_source,
    scan_action,
    stage,
)
from stacks.models import PipelinePlan
from stacks.standards import PIPELINE_ROLLOUT_MINUTES

CANDIDATE: Final = "Candidate"
BUILD: Final = "Build"
ROLLOUT_MINUTES: Final = "ROLLOUT_MINUTES"
"""Makes the deployment a rollout; see buildspecs/deploy.yml."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Projects:
    """The names of the CodeBuild projects; empty where the pipeline has no such step."""

    build: str = ""
    """Makes the image, or tests the code."""
    promote: str = ""
    findings: str = ""
    deploy: str
    shift: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Delivered:
    """What is delivered, and where."""

    service: str
    environment: str
    folder: str
    """Where its code is in the repository."""
    plan: PipelinePlan
    projects: Projects
    approvals_topic_arn: str
    """Empty where nobody has to approve."""
    moving_tag: str = ""
    """The tag whose move deploys by itself; empty where `onramp deploy` does."""
    waits_for_rollout: bool = False
    """Whether its versions go live by `onramp rollout` alone."""

    @property
    def repository(self) -> str:
        """The repository of this environment."""
        return f"{self.service}/{self.environment}"

    @property
    def promoted_from(self) -> str:
        """The repository that images come from; empty where they are built here."""
        return f"{self.service}/{self.plan.promotes_from}" if self.plan.promotes_from else ""


def image_stages(what: Delivered) -> list[Stage]:
    """Build an image or take a released one, scan it, and deploy it; before prod, Security Hub and somebody agree."""
    return _promotion(what) if what.promoted_from else _building(what)


def code_stages(what: Delivered) -> list[Stage]:
    """Test the code of a function, deploy it, and shift to it; before prod, somebody agrees."""
    projects = what.projects
    variables = {"SERVICE": what.service, "FOLDER": what.folder, "COMMIT": COMMIT, **rolled_out(what.waits_for_rollout)}
    return [
        stage("Source", [git_source(what.plan)]),
        stage("Build", [build_action("Test", projects.build, {"FOLDER": what.folder}, category="Test")]),
        *_approval(what, COMMIT),
        stage("Deploy", [build_action("Deploy", projects.deploy, variables)], rolls_back=True),
        *_shift(what),
    ]


def rolled_out(waits_for_rollout: bool) -> dict[str, str]:  # noqa: FBT001 - the only thing that it is asked
    """The variable that makes a deployment a rollout, where the service waits for one."""
    return {ROLLOUT_MINUTES: str(PIPELINE_ROLLOUT_MINUTES)} if waits_for_rollout else {}


def _building(what: Delivered) -> list[Stage]:
    built = build_action(BUILD, what.projects.build, {"COMMIT": COMMIT})
    return [
        stage("Source", [git_source(what.plan)]),
        stage("Build", [built]),
        stage("Gate", [scan_action(what.repository, f"#{{{BUILD}.TAG}}")]),
        *_image_deployment(what, f"#{{{BUILD}.DIGEST}}", COMMIT),
    ]


def _promotion(what: Delivered) -> list[Stage]:
    """The tag of a release is immutable, so that what is scanned by its tag is the digest that is copied."""
    promote, tag, commit = what.projects.promote, f"#{{{CANDIDATE}.TAG}}", f"#{{{CANDIDATE}.COMMIT}}"
    digest = CANDIDATE_DIGEST
    gate: list[Action] = [
        build_action(CANDIDATE, promote, {"STEP": "candidate", "DIGEST": digest}),
        scan_action(what.promoted_from, tag, order=2),
    ]
    if what.projects.findings:
        asked = {"REPOSITORY": what.promoted_from, "DIGEST": digest}
        gate.append(build_action("Findings", what.projects.findings, asked, category="Test", order=2))
    copied = {"STEP": "copy", "DIGEST": digest, "COMMIT": commit}
    return [
        stage("Source", [git_source(what.plan), image_source(what.promoted_from)]),
        stage("Gate", gate),
        *_approval(what, tag),
        stage("Copy", [build_action("Copy", promote, copied)]),
        *_image_deployment(what, digest, commit),
    ]


def _approval(what: Delivered, version: str) -> list[Stage]:
    if not what.approvals_topic_arn:
        return []
    message = f"{what.service} {version} to {what.environment}"
    return [stage("Approve", [approval_action(what.approvals_topic_arn, message)])]


def _image_deployment(what: Delivered, digest: str, commit: str) -> list[Stage]:
    variables = {"SERVICE": what.service, "DIGEST": digest, "COMMIT": commit, **rolled_out(what.waits_for_rollout)}
    if what.moving_tag:
        variables["MOVING_TAG"] = what.moving_tag
    deploy = build_action("Deploy", what.projects.deploy, variables)
    return [stage("Deploy", [deploy], rolls_back=True), *_shift(what)]


def _shift(what: Delivered) -> list[Stage]:
    """A function's traffic moves after its version is there; CodeDeploy rolls back by itself."""
    return [stage("Shift", [build_action("Shift", what.projects.shift, {})])] if what.projects.shift else []
