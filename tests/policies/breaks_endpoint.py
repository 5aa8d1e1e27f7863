"""One-change breakages of the good endpoint, and the rule that must see each."""

from typing import Final

from policies import kinds
from stacks.standards import Tier
from tests.policies.breaks import OFF, ON, Break, Change, put, without
from tests.policies.draft import Draft, Json, Text
from tests.policies.golden import PAGING, TAGS, UNKNOWN
from tests.policies.golden_endpoint import BRAKE, NAME
from tests.policies.golden_pipelines import APPROVALS, DEPLOY, delivered

_ROUTING: Final = "deploymentConfig.blueGreenUpdatePolicy.trafficRoutingConfiguration"
_ROLLBACK: Final = "deploymentConfig.autoRollbackConfiguration.alarms"
_RESOURCE: Final = "policy.Statement.0.Resource"
_SECRETS: Final = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:example"
_OWN: Final = f"{_SECRETS}/{NAME}/prod/API_TOKEN-??????"
_FAILED, _APPROVED = f"{NAME}-pipeline-failed", f"{NAME}-approved"
_STATUS: Final = "eventPattern.detail.ModelApprovalStatus"
ENDPOINT, CONFIG, MODEL = f"{NAME}-endpoint", f"{NAME}-config", f"{NAME}-model"


def _of(rule: str, change: Change, tier: Tier = "prod") -> Break:
    return Break(rule, NAME, change, tier)


def _needs_no_network(draft: Draft) -> None:
    """Without the secret the model has nothing to reach, and is not isolated all the same."""
    draft.set(NAME, "secrets", [])
    draft.set(f"{NAME}-policy", "policy.Statement", [])


def _second_variant(draft: Draft) -> None:
    variants = draft.nodes[CONFIG].inputs["productionVariants"]
    draft.set(CONFIG, "productionVariants", [*variants, {**variants[0], "variantName": "challenger"}])


def _delivered(tier: Tier = "prod") -> Draft:
    """The good environment with a pipeline for the model, which an approval starts."""
    draft = delivered(tier)
    source: dict[str, Json] = {
        "name": "Source",
        "category": "Source",
        "provider": "CodeStarSourceConnection",
        "configuration": {},
    }
    approve = {"name": "Approve", "category": "Approval", "provider": "Manual"}
    deploy = {"name": "Deploy", "category": "Build", "provider": "CodeBuild", "configuration": {"ProjectName": DEPLOY}}
    stages = [source, {**approve, "configuration": {"NotificationArn": APPROVALS}}, deploy]
    draft.add(
        f"{NAME}-pipeline",
        kinds.PIPELINE,
        NAME,
        {"artifactStores": "data-key"},
        name=f"prod-{NAME}",
        artifactStores=[{"type": "S3", "encryptionKey": {"type": "KMS", "id": UNKNOWN}}],
        stages=[{"name": str(place), "actions": [action]} for place, action in enumerate(stages)],
        tags=TAGS,
    )
    failed = {"source": ["aws.codepipeline"], "detail": {"pipeline": [f"prod-{NAME}"], "state": ["FAILED"]}}
    approved = {
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {"ModelPackageGroupName": [NAME], "ModelApprovalStatus": ["Approved"]},
    }
    pipeline = f"arn:aws:codepipeline:eu-west-1:111122223333:prod-{NAME}"
    for rule, pattern, target in ((_FAILED, failed, PAGING), (_APPROVED, approved, pipeline)):
        draft.add(rule, kinds.EVENT_RULE, NAME, name=rule, eventPattern=Text(pattern), tags=TAGS)
        draft.add(f"{rule}-target", kinds.EVENT_TARGET, NAME, rule=rule, arn=target)
    return draft


BREAKS_ENDPOINT: Final = (
    _of("endpoint-secrets", put(f"{NAME}-policy", _RESOURCE, [_OWN, f"{_SECRETS}/other/prod/API_TOKEN-??????"])),
    _of("endpoint-secrets", put(f"{NAME}-policy", _RESOURCE, [_OWN, f"{_SECRETS}/{NAME}/prod/*"])),
    _of("endpoint-secrets", put(f"{NAME}-policy", "policy.Statement", [])),
    Break("registry-approval", NAME, put(_APPROVED, _STATUS, ["Rejected"]), "prod", _delivered),
    Break("registry-approval", NAME, put(f"{_APPROVED}-target", "arn", PAGING), "prod", _delivered),
    _of("model-released", put(NAME, "unreleased", ON)),
    _of("endpoint-guardrails", put(ENDPOINT, f"{_ROUTING}.type", "ALL_AT_ONCE")),
    _of("endpoint-guardrails", put(ENDPOINT, f"{_ROUTING}.waitIntervalInSeconds", 0), "staging"),
    _of("endpoint-rollback-alarms", put(ENDPOINT, _ROLLBACK, [])),
    _of("endpoint-rollback-alarms", put(ENDPOINT, _ROLLBACK, [{"alarmName": "nobody"}])),
    _of("endpoint-rollback-alarms", put(ENDPOINT, _ROLLBACK, [{"alarmName": BRAKE}])),
    _of("alarm-action", put(BRAKE, "metricName", "Invocation4XXErrors")),
    _of("alarm-action", put(BRAKE, "namespace", "AWS/SageMaker")),
    _of("alarm-action", put(BRAKE, "treatMissingData", "breaching")),
    _of("alarm-action", without(f"{NAME}-CPUUtilization", "alarmActions")),
    _of("variant-alarms", _second_variant),
    _of("endpoint-capture", put(CONFIG, "dataCaptureConfig.enableCapture", OFF)),
    _of("endpoint-capture", without(CONFIG, "dataCaptureConfig.kmsKeyId")),
    _of("endpoint-volume-key", without(CONFIG, "kmsKeyArn")),
    _of("model-isolated", _needs_no_network),
    _of("endpoint-two-instances", put(CONFIG, "productionVariants.0.initialInstanceCount", 1)),
    _of("endpoint-two-instances", put(f"{NAME}-scaling", "minCapacity", 1)),
    _of("alarm-missing", put(f"{NAME}-InvocationsPerInstance", "metricName", "Invocations")),
    _of("alarm-looser", put(f"{NAME}-OverheadLatency", "threshold", 600_000)),
    _of("log-group", put(f"{NAME}-logs", "name", "/onramp/prod/churn")),
    _of("deployment-failure-notice", put(f"{NAME}-failed", "eventPattern.detail.EndpointStatus", ["IN_SERVICE"])),
)
"""At least one for each rule of endpoints, and for what the general rules ask of them in their own way."""
