"""Breakages of what delivers."""

from typing import Final

from stacks.standards import Tier
from tests.policies.breaks import ON, Break, gone, put, without
from tests.policies.draft import Change, Draft
from tests.policies.golden import FARGATE, LAMBDA
from tests.policies.golden_fargate import SERVICE, by_codedeploy
from tests.policies.golden_pipelines import COPY, DEPLOY, able, delivered, rolled_out, signed

_PIPELINE: Final = f"{FARGATE}-pipeline"
_CODE: Final = f"{LAMBDA}-pipeline"
_PROMOTE: Final = f"prod-{FARGATE}-promote"
_SCAN, _FINDINGS = "stages.1.actions.1", "stages.1.actions.2"
_WAITS: Final = "stages.4.actions.0.configuration.EnvironmentVariables"
_CODE_WAITS: Final = "stages.2.actions.0.configuration.EnvironmentVariables"
_FAILED: Final = f"{FARGATE}-pipeline-failed"
_SPEC: Final = "source.buildspec"
_VARIABLES: Final = "environment.environmentVariables"
_PLAIN: Final = [{"name": "API_TOKEN", "value": "x", "type": "PLAINTEXT"}]
_KEY_ID: Final = [{"name": "REMOTE", "value": "AKIAIOSFODNN7EXAMPLE", "type": "PLAINTEXT"}]


def _broken(rule: str, service: str | None, change: Change, tier: Tier = "prod") -> Break:
    return Break(rule, service, change, tier, delivered)


def _rolled(rule: str, service: str, change: Change, tier: Tier = "prod") -> Break:
    return Break(rule, service, change, tier, rolled_out)


def _by_codedeploy(tier: Tier) -> Draft:
    return by_codedeploy(tier, able)


def _asked(tier: Tier) -> Draft:
    """ECS asks before it shifts."""
    draft = able(tier)
    draft.set(SERVICE, "deploymentConfiguration.lifecycleHooks", [{"targetType": "PAUSE"}])
    return draft


def _moved(stage: int, behind: int) -> Change:
    """A stage of the container's pipeline comes after another one."""

    def change(draft: Draft) -> None:
        stages = draft.nodes[_PIPELINE].inputs["stages"]
        stages.insert(behind, stages.pop(stage))

    return change


def _without_pipeline(service: str) -> Change:
    return gone(f"{service}-pipeline")


def _parallel_scan(draft: Draft) -> None:
    """The scan runs beside the copy."""
    stages = draft.nodes[_PIPELINE].inputs["stages"]
    stages[3]["actions"].append(stages[1]["actions"].pop(1))


BREAKS_PIPELINES = (
    _broken("delivery-pipeline", LAMBDA, _without_pipeline(LAMBDA)),
    _broken("delivery-pipeline", LAMBDA, put(_CODE, "stages.2.actions.0.configuration.ProjectName", "other"), "dev"),
    _rolled("pipeline-rolls-out", FARGATE, without(_PIPELINE, _WAITS)),
    _rolled("pipeline-rolls-out", LAMBDA, put(_CODE, _CODE_WAITS, COPY), "dev"),
    Break("pipeline-rolls-out", FARGATE, without(_PIPELINE, _WAITS), "prod", _asked),
    Break("pipeline-rolls-out", FARGATE, without(_PIPELINE, _WAITS), "prod", _by_codedeploy),
    _broken("approval-before-prod", FARGATE, _moved(2, 4)),
    _broken("approval-before-prod", LAMBDA, without(_CODE, "stages.1")),
    _broken("approval-before-prod", LAMBDA, without(_CODE, "stages.1.actions.0.configuration.NotificationArn")),
    _broken("image-tag-names-commit", FARGATE, put(_PROMOTE, _SPEC, 'crane copy "$FROM" "$TO:newest"')),
    _broken("scan-gate", FARGATE, put(_PIPELINE, f"{_SCAN}.configuration.CriticalThreshold", "1")),
    _broken("scan-gate", FARGATE, without(_PIPELINE, f"{_SCAN}.configuration.CriticalThreshold")),
    _broken("scan-gate", FARGATE, put(_PIPELINE, f"{_SCAN}.configuration.InspectorRunMode", "SourceCodeScan")),
    _broken("scan-gate", FARGATE, _parallel_scan),
    _broken("scan-gate", FARGATE, without(_PIPELINE, _SCAN), "dev"),
    _broken("security-hub-gate", FARGATE, without(_PIPELINE, _FINDINGS)),
    _broken("security-hub-gate", FARGATE, put(_PIPELINE, f"{_FINDINGS}.configuration.ProjectName", "other")),
    Break("image-signed", FARGATE, put(_PROMOTE, _SPEC, 'crane copy "$TO:$COMMIT-$ENVIRONMENT"'), "prod", signed),
    Break("image-signed", FARGATE, put(_PROMOTE, f"{_VARIABLES}.0.name", "OTHER"), "prod", signed),
    _broken("pipeline-failure-notice", FARGATE, gone(_FAILED)),
    _broken("pipeline-failure-notice", FARGATE, put(_FAILED, "eventPattern.detail.pipeline", ["other"])),
    _broken("pipeline-failure-notice", FARGATE, put(_FAILED, "state", "DISABLED")),
    _broken("pipeline-failure-notice", FARGATE, put(f"{_FAILED}-page", "arn", "arn:aws:sqs:eu-west-1:111122223333:q")),
    _broken("pipeline-artifacts-encrypted", FARGATE, without(_PIPELINE, "artifactStores.0.encryptionKey")),
    _broken("build-plain-secret", None, put(DEPLOY, "environment.environmentVariables", _PLAIN)),
    _broken("build-plain-secret", FARGATE, put(_PROMOTE, "environment.environmentVariables", _KEY_ID)),
    _broken("build-privileged", None, put(DEPLOY, "environment.privilegedMode", ON)),
)
