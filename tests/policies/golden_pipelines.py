"""The good environment with a pipeline for its container service and its function, as prod has them."""

import copy
from typing import Final

from policies import kinds
from stacks.standards import LOG_RETENTION_DAYS, Tier
from tests.policies.draft import Draft, Json, Text
from tests.policies.golden import ACCOUNT, FARGATE, LAMBDA, PAGING, TAGS, UNKNOWN, good
from tests.policies.golden_base import complete
from tests.policies.golden_stepped import stepped

APPROVALS: Final = "arn:aws:sns:eu-west-1:111122223333:prod-approvals"
SHARED: Final = "pipelines"
DEPLOY, FINDINGS = "prod-deploy", "prod-findings"
PROMOTE: Final = f"prod-{FARGATE}-promote"
_COPIES: Final = 'crane copy "$FROM@$DIGEST" "$TO:$COMMIT-$ENVIRONMENT"'
ROLLOUT: Final = '[{"name":"ROLLOUT_MINUTES","value":"450","type":"PLAINTEXT"}]'
COPY: Final = '[{"name":"STEP","value":"copy","type":"PLAINTEXT"}]'


def delivered(tier: Tier = "prod") -> Draft:
    """Nothing is wrong, and nothing about delivery is undecided."""
    draft = good(tier)
    draft.add(SHARED, kinds.PIPELINES, "stack", environment="prod")
    _project(draft, DEPLOY, SHARED, "onramp deploy prod")
    _project(draft, FINDINGS, SHARED, "aws securityhub get-findings --filters x")
    draft.add("prod-approvals", kinds.TOPIC, SHARED, name="prod-approvals", tags=TAGS)
    _project(draft, PROMOTE, FARGATE, _COPIES)
    source = _action("Source", "Source", "CodeStarSourceConnection", BranchName="main")
    image = _action("Image", "Source", "ECR", RepositoryName=f"{FARGATE}/staging")
    scan = _action("Scan", "Invoke", "InspectorScan", InspectorRunMode="ECRImageScan", CriticalThreshold="0")
    approve = _action("Approve", "Approval", "Manual", NotificationArn=APPROVALS)
    deploy = _action("Deploy", "Build", "CodeBuild", ProjectName=DEPLOY)
    gate = [
        _action("Candidate", "Build", "CodeBuild", ProjectName=PROMOTE),
        {**scan, "runOrder": 2},
        {**_action("Findings", "Test", "CodeBuild", ProjectName=FINDINGS), "runOrder": 2},
    ]
    copied = _action("Copy", "Build", "CodeBuild", ProjectName=PROMOTE, EnvironmentVariables=COPY)
    _pipeline(draft, FARGATE, tier, [[source, image], gate, [approve], [copied], [deploy]])
    _pipeline(draft, LAMBDA, tier, [[source], [approve], [deploy]])
    return complete(draft, tier)


def able(tier: Tier = "prod") -> Draft:
    """The same with deployments that are rollouts, which services that wait for theirs need."""
    draft = delivered(tier)
    draft.set(DEPLOY, "source.buildspec", "onramp deploy prod; onramp rollout start prod")
    for service, deploys in ((FARGATE, "stages.4.actions.0"), (LAMBDA, "stages.2.actions.0")):
        draft.set(f"{service}-pipeline", f"{deploys}.configuration.EnvironmentVariables", ROLLOUT)
    return draft


def rolled_out(tier: Tier = "prod") -> Draft:
    """Services whose traffic Onramp moves, delivered so."""
    return stepped(tier, able)


def signed(tier: Tier = "prod") -> Draft:
    """The same in an environment that asks for signatures."""
    draft = delivered(tier)
    draft.set(FARGATE, "signedImages", True)  # noqa: FBT003 - a value of the graph
    draft.set(PROMOTE, "source.buildspec", f"{_COPIES}; notation sign")
    profile = {"name": "SIGNING_PROFILE", "value": f"arn:aws:signer:{ACCOUNT}:/signing-profiles/news"}
    draft.set(PROMOTE, "environment.environmentVariables", [profile])
    return draft


def _action(name: str, category: str, provider: str, **configuration: Json) -> dict[str, Json]:
    return {"name": name, "category": category, "provider": provider, "configuration": configuration}


def _project(draft: Draft, name: str, parent: str, buildspec: str) -> None:
    token = {"name": "PULUMI_ACCESS_TOKEN", "value": "prod/pulumi", "type": "SECRETS_MANAGER"}
    draft.add(
        name,
        kinds.BUILD_PROJECT,
        parent,
        name=name,
        source={"type": "CODEPIPELINE", "buildspec": buildspec},
        environment={"privilegedMode": False, "environmentVariables": [token]},
        tags=TAGS,
    )


def _pipeline(draft: Draft, service: str, tier: Tier, stages: list[list[dict[str, Json]]]) -> None:
    name = f"{service}-pipeline"
    draft.add(
        name,
        kinds.PIPELINE,
        service,
        {"artifactStores": "data-key"},
        name=f"prod-{service}",
        artifactStores=[{"type": "S3", "encryptionKey": {"type": "KMS", "id": UNKNOWN}}],
        stages=[{"name": str(place), "actions": copy.deepcopy(actions)} for place, actions in enumerate(stages)],
        tags=TAGS,
    )
    pattern = {"source": ["aws.codepipeline"], "detail": {"pipeline": [f"prod-{service}"], "state": ["FAILED"]}}
    rule = f"{service}-pipeline-failed"
    draft.add(rule, kinds.EVENT_RULE, service, name=rule, eventPattern=Text(pattern), tags=TAGS)
    draft.add(f"{rule}-page", kinds.EVENT_TARGET, service, rule=rule, arn=PAGING)
    days = LOG_RETENTION_DAYS[tier]
    draft.add(
        f"{rule}-logs", kinds.LOG_GROUP, service, name=f"/aws/codepipeline/{name}", retentionInDays=days, tags=TAGS
    )
