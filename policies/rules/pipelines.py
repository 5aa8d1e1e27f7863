"""How a pipeline delivers: that there is one, what it asks, and who approves (CICD-1, 2, 3 and 5, COMP-3)."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from policies import kinds
from policies.expect import expect_set, unknown, unless_unknown
from policies.graph import Graph, Resource, Service
from policies.rule import (
    ADVICE,
    ALWAYS,
    ENDPOINTS,
    ONLY_PROD,
    WITH_IMAGES,
    Fail,
    Meta,
    NotApplicable,
    Outcome,
    Remedy,
    Undecided,
    service_rule,
    stack_rule,
)
from policies.stages import ASKS_HUB, DEPLOYS, Step, before, pipelines, steps
from policies.values import MISSING, UNKNOWN, Value, has_unknown, number, objects, walk
from stacks.sensitive import is_secret_name, is_secret_value

_PIPELINE_URL: Final = "https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-devops-example.html"
_SCAN_URL: Final = "https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-InspectorScan.html"
_SIGNS: Final = "notation sign"
_PROFILE: Final = "SIGNING_PROFILE"
_BUILD_SPEC_TAG: Final = "$COMMIT-$ENVIRONMENT"
_NO_PIPELINE: Final = (
    "this stack has no pipeline resource; write `pipeline:` in onramp:environment, or let the review of the workflow "
    "that delivers it decide"
)

_REGISTERED: Final = Undecided(because="whoever registers a model builds and scans its image, outside this stack")


@service_rule(
    Meta(
        id="delivery-pipeline",
        item="CICD-1",
        title="A pipeline takes the service from its source to a deployment",
        why="What is deployed by hand is deployed differently each time, and by whoever has the keys.",
        fix="write `pipeline` in onramp:environment; docs/pipelines.md has its keys",
        severity="high",
        url=_PIPELINE_URL,
        frameworks=("OPS05-BP04", "OPS05-BP10", "REL08-BP05", "SEC11-BP06"),
    )
)
def delivery_pipeline(service: Service, graph: Graph) -> Iterator[Outcome]:
    """There is a pipeline whose last steps run `onramp deploy`; where no service has one, something else delivers."""
    found = pipelines(service)
    if not found and (service.compute in ENDPOINTS or not graph.of(kinds.PIPELINE)):
        yield Undecided(because=_NO_PIPELINE)
    elif not found:
        yield Fail(message=f"{service.name} has no pipeline, and other services of this stack have one")
    for pipeline, walked in _walked(service, graph):
        if walked is None:
            yield unknown(pipeline, "stages")
        elif not any(DEPLOYS in step.buildspec for step in walked):
            yield Fail(resource=pipeline, path="stages", message=f"{pipeline.name} does not deploy")


@service_rule(
    Meta(
        id="approval-before-prod",
        item="CICD-1",
        title="Somebody approves what goes to prod",
        why="Gates find what is known; a person knows what else is going on today.",
        fix="put a Manual approval with a NotificationArn into the stages before the actions that copy and deploy",
        severity="high",
        url="https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals.html",
        levels=ONLY_PROD,
        frameworks=("OPS07-BP05",),
    )
)
def approval_before_prod(service: Service, graph: Graph) -> Iterator[Outcome]:
    """A manual approval that tells a topic comes before everything that changes prod."""
    yield from _gate(service, graph, _is_approval, "nobody approves before prod changes")


@service_rule(
    Meta(
        id="image-tag-names-commit",
        item="CICD-2",
        title="The build tags an image with its commit and environment",
        why="From a running image one must find the code that is in it, at 2 am and without guessing.",
        fix="write the tag $COMMIT-$ENVIRONMENT into source.buildspec of the project, where it pushes or copies",
        severity="medium",
        url="https://docs.aws.amazon.com/codebuild/latest/userguide/sample-docker.html",
        frameworks=("OPS05-BP01", "OPS05-BP04"),
        applies=WITH_IMAGES,
    )
)
def image_tag_names_commit(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """Every project of the service that pushes images says so in its buildspec."""
    for project in service.of(kinds.BUILD_PROJECT):
        path = "source.buildspec"
        text = project.get(path)
        if text is UNKNOWN:
            yield unknown(project, path)
        elif _pushes(text) and _BUILD_SPEC_TAG not in str(text):
            yield Fail(
                resource=project, path=path, message=f"{project.name} pushes images without commit or environment"
            )


@service_rule(
    Meta(
        id="scan-gate",
        item="CICD-3",
        title="Inspector scans every image before it is deployed, and one critical finding fails it",
        why="A known critical flaw that is deployed is found by others first.",
        fix=(
            "put an InspectorScan action (ECRImageScan, CriticalThreshold 0) into the stages before the ones that "
            "copy and deploy"
        ),
        severity="critical",
        url=_SCAN_URL,
        levels=ALWAYS,
        frameworks=("SEC06-BP01", "SEC11-BP02"),
        applies=WITH_IMAGES,
    )
)
def scan_gate(service: Service, graph: Graph) -> Iterator[Outcome]:
    """An InspectorScan of the image that tolerates nothing critical comes before copy and deployment."""
    if service.names("packageGroups"):
        yield _REGISTERED
        return
    yield from _gate(service, graph, _is_scan, "no scan that fails on critical findings comes first")


@service_rule(
    Meta(
        id="image-signed",
        item="COMP-2",
        title="Every image is signed where the environment asks for it",
        why="A signature says that our pipeline made the image; a tag and a digest say only which image it is.",
        fix="add the notation command to the buildspec that pushes or copies, and SIGNING_PROFILE to its variables",
        severity="medium",
        url="https://docs.aws.amazon.com/signer/latest/developerguide/container-workflow.html",
        frameworks=("SEC11-BP06",),
        applies=WITH_IMAGES,
    )
)
def image_signed(service: Service, graph: Graph) -> Iterator[Outcome]:  # noqa: ARG001 - the form of a check
    """Every project of the service that pushes images signs them, with a profile."""
    if not service.stated("signedImages"):
        yield NotApplicable(because="the environment asks for no signatures (`pipeline.signingProfile`)")
        return
    if service.names("packageGroups"):
        yield _REGISTERED
        return
    spec, variables = "source.buildspec", "environment.environmentVariables"
    pushing = [each for each in service.of(kinds.BUILD_PROJECT) if each.get(spec) is UNKNOWN or _pushes(each.get(spec))]
    if not pushing:
        yield Fail(message=f"no build of {service.name} pushes an image, so nothing signs it")
    for project in pushing:
        waiting = next((path for path in (spec, variables) if has_unknown(project.get(path))), None)
        names = [each.get("name") for each in objects(project.get(variables)) if each.get("value")]
        if waiting is not None:
            yield unknown(project, waiting)
        elif _SIGNS not in project.text(spec):
            yield Fail(resource=project, path=spec, message=f"{project.name} does not sign what it pushes")
        elif _PROFILE not in names:
            yield Fail(resource=project, path=variables, message=f"{project.name} has no profile to sign with")


@service_rule(
    Meta(
        id="security-hub-gate",
        item="COMP-3",
        title="Open findings of Security Hub keep an image from prod",
        why="Security Hub also has what other tools found, and what people have reviewed and waived.",
        fix=(
            "put the Findings action into the stages before the ones that copy and deploy; suppress in Security "
            "Hub what was reviewed"
        ),
        severity="high",
        url="https://docs.aws.amazon.com/securityhub/latest/userguide/finding-workflow-status.html",
        levels=ONLY_PROD,
        frameworks=("SEC06-BP01", "SEC11-BP02"),
        applies=WITH_IMAGES,
    )
)
def security_hub_gate(service: Service, graph: Graph) -> Iterator[Outcome]:
    """A build that asks Security Hub comes before copy and deployment."""
    if service.names("packageGroups"):
        yield _REGISTERED
        return
    yield from _gate(service, graph, _asks_hub, "nothing asks Security Hub before prod changes")


@service_rule(
    Meta(
        id="pipeline-failure-notice",
        item="CICD-5",
        title="A failed pipeline notifies somebody",
        why="A pipeline that stands still delivers no fix, and nobody looks at it until somebody waits for one.",
        fix="add an EventRule on the pipeline's FAILED executions, and an EventTarget whose arn is the paging topic",
        severity="medium",
        url="https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html",
        frameworks=("OPS08-BP04",),
    )
)
def pipeline_failure_notice(service: Service, graph: Graph) -> Iterator[Outcome]:
    """A rule of the service matches failed executions of each pipeline, and sends them to a topic."""
    on = [rule for rule in service.of(kinds.EVENT_RULE) if rule.get("state") in (MISSING, "ENABLED")]
    told = [rule for rule in on if _tells(rule, graph)]
    patterns = [graph.parsed(rule, "eventPattern") for rule in told]
    for pipeline in pipelines(service):
        words = [{part for part in walk(pattern) if isinstance(part, str)} for pattern in patterns]
        if not any({pipeline.physical_name, "FAILED", "aws.codepipeline"} <= each for each in words):
            fail = Fail(resource=pipeline, message=f"nobody hears when {pipeline.name} fails")
            targets = graph.loose(kinds.EVENT_TARGET, "arn", kinds.TOPIC)
            yield from unless_unknown(fail, (*service.of(kinds.EVENT_RULE), *targets), "eventPattern", "state", "arn")


@service_rule(
    Meta(
        id="pipeline-artifacts-encrypted",
        item=None,
        title="The artifacts of pipelines are encrypted with a key of the environment",
        why="Artifacts hold the source and what is built of it; with the key of S3 everybody who lists can read.",
        fix="set artifactStores.encryptionKey of the pipeline to the environment's data key",
        severity="medium",
        url="https://docs.aws.amazon.com/codepipeline/latest/userguide/S3-artifact-encryption.html",
        levels=ADVICE,
        frameworks=("SEC08-BP01", "SEC08-BP02"),
    )
)
def pipeline_artifacts_encrypted(service: Service, graph: Graph) -> Iterator[Outcome]:
    """Every pipeline's store has an encryption key."""
    for pipeline in pipelines(service):
        path = "artifactStores.encryptionKey.id"
        message = f"the artifacts of {pipeline.name} have no key"
        yield from expect_set(graph, pipeline, path, (kinds.KEY, kinds.STACK_REFERENCE), message)


@stack_rule(
    Meta(
        id="build-plain-secret",
        item=None,
        title="No build has a secret in a plain variable",
        why="Everybody who may look at a project reads its plain variables, and so does every log that prints them.",
        fix="set type of the variable to SECRETS_MANAGER, and value to the name of the secret",
        severity="critical",
        url="https://docs.aws.amazon.com/codebuild/latest/userguide/change-project.html",
        levels=ALWAYS,
        frameworks=("SEC02-BP03", "CodeBuild.2"),
    )
)
def build_plain_secret(graph: Graph) -> Iterator[Outcome]:
    """No variable of type PLAINTEXT has the name or the value of a secret."""
    for project in graph.of(kinds.BUILD_PROJECT):
        path = "environment.environmentVariables"
        if project.get(path) is UNKNOWN:
            yield unknown(project, path)
        for variable in objects(project.get(path)):
            if variable.get("name") is UNKNOWN:
                yield unknown(project, path)
            name, value = str(variable.get("name", "")), variable.get("value")
            plain = variable.get("type", "PLAINTEXT") == "PLAINTEXT"
            if plain and (is_secret_name(name) or (isinstance(value, str) and is_secret_value(value))):
                path = f"environment.environmentVariables.{name}"
                yield Fail(resource=project, path=path, message=f"{name} of {project.name} is written in clear")


@stack_rule(
    Meta(
        id="build-privileged",
        item=None,
        title="Only builds of images are privileged",
        why="A privileged container is root on the host of the build; a deployment needs no Docker.",
        fix="set environment.privilegedMode of the project to false, unless its buildspec runs docker",
        severity="high",
        url="https://docs.aws.amazon.com/codebuild/latest/userguide/sample-docker-section.html",
        frameworks=("SEC03-BP02", "SEC11-BP07"),
    ),
    Remedy(types=(kinds.BUILD_PROJECT,), path="environment.privilegedMode", value=False),
)
def build_privileged(graph: Graph) -> Iterator[Outcome]:
    """Privileged mode is on only where the buildspec builds images."""
    for project in graph.of(kinds.BUILD_PROJECT):
        path = "environment.privilegedMode"
        if project.get(path) is UNKNOWN:
            yield unknown(project, path)
        elif project.get(path) is True and "docker " not in project.text("source.buildspec"):
            yield Fail(resource=project, path=path, message=f"{project.name} is privileged and builds no image")


def _walked(service: Service, graph: Graph) -> Iterator[tuple[Resource, Sequence[Step] | None]]:
    for pipeline in pipelines(service):
        yield pipeline, steps(pipeline, graph)


def _gate(service: Service, graph: Graph, is_gate: Callable[[Step], bool], message: str) -> Iterator[Outcome]:
    """Each pipeline has such a step before everything that changes the environment; without a pipeline nobody knows."""
    if not pipelines(service):
        yield Undecided(because=_NO_PIPELINE)
    for pipeline, walked in _walked(service, graph):
        if walked is None:
            yield unknown(pipeline, "stages")
        elif not any(is_gate(step) and before(walked, step) for step in walked):
            yield Fail(resource=pipeline, path="stages", message=f"{pipeline.name}: {message}")


def _is_approval(step: Step) -> bool:
    is_manual = step.action.get("category") == "Approval" and step.provider == "Manual"
    return is_manual and isinstance(step.configured("NotificationArn"), str)


def _is_scan(step: Step) -> bool:
    threshold = number(step.configured("CriticalThreshold"))
    of_image = step.configured("InspectorRunMode") == "ECRImageScan"
    return step.provider == "InspectorScan" and of_image and threshold == 0


def _asks_hub(step: Step) -> bool:
    return ASKS_HUB in step.buildspec


def _pushes(buildspec: Value) -> bool:
    return isinstance(buildspec, str) and ("docker buildx build" in buildspec or "crane copy" in buildspec)


def _tells(rule: Resource, graph: Graph) -> bool:
    """Whether a rule sends what it matches to a topic."""
    targets = graph.referring(rule, kinds.EVENT_TARGET, "rule")
    return any(":sns:" in target.text("arn") or graph.refers(target, "arn", kinds.TOPIC) for target in targets)
