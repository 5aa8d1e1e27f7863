"""What is refused of a model on SageMaker at load: with the range, or with the reason and what to do instead."""

from collections.abc import Callable

import pytest
from botocore.loaders import Loader  # pyright: ignore[reportMissingTypeStubs] - botocore has no types

from stacks.instances import HOSTING, has_local_disk, vcpus
from stacks.load import Stack
from stacks.models import EndpointSpec
from stacks.problems import Problem, StackFileError
from tests.stacks.conftest import HEADER

Problems = Callable[[str], tuple[Problem, ...]]
PACKAGE = "model: {package: churn, data: s3://models/churn/}"
HOURLY = "intervalMinutes: 60"
TWO_VARIANTS = "form: variants, variants: {a: {weight: 1}, b: {weight: 1}}"
DAILY = "schedule: rate(1 day), input: s3://in-box/"
IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/xgboost:1.7-1"


def one(written: str) -> str:
    return f"a: {{compute: sagemaker, {written}}}"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (f"{PACKAGE}, route: /a", "no load balancer reaches an endpoint"),
        (f"{PACKAGE}, queue: {{}}", "an endpoint takes no messages"),
        (f"{PACKAGE}, publishes: [a]", "let its caller publish"),
        (f"{PACKAGE}, discovery: {{cloudMap: true}}", "called by its name, with IAM"),
        ("scaling: {max: 3}", "form real-time needs model"),
        (f"{PACKAGE}, form: serverless, scaling: {{min: 1, max: 1}}", "form serverless has no scaling"),
        (f"{PACKAGE}, form: serverless, rollout: {{strategy: canary}}", "always switches all at once"),
        (f"{PACKAGE}, form: serverless, isolated: true", "isolated: serverless inference"),
        (f"{PACKAGE}, form: serverless, calls: [a]", "reaches no service and no store"),
        (f"{PACKAGE}, form: batch", "form batch needs batch"),
        (f"{PACKAGE}, execution: direct", "execution is for form pipeline"),
        (f"{PACKAGE}, form: multi-model", "loads models from an S3 prefix into one image"),
        (f"form: multi-model, model: {{image: '{IMAGE}', data: s3://models/m.tar.gz}}", "ending in a slash"),
        ("model: {data: s3://models/prefix/}", "an archive that ends in .tar.gz"),
        ("model: {package: churn}", "a package needs data"),
        (f"model: {{package: churn, image: '{IMAGE}', data: s3://models/a/}}", "a package brings its image along"),
        ("model: {version: 3}", "belong to a package of the registry"),
        (f"model: {{image: '{IMAGE[:-5]}latest'}}", "the tag latest, which moves"),
        (f"form: pipeline, containers: [{{image: '{IMAGE}'}}]", "a pipeline has 2 to 15 containers; 1 are written"),
        ("form: pipeline, containers: [{}, {}]", "onramp:images releases one version"),
        (f"{PACKAGE}, form: variants, variants: {{a: {{weight: 0}}, b: {{weight: 0}}}}", "all weights are 0"),
        (f"{PACKAGE}, form: variants, variants: {{a: {{weight: 1}}}}", "1 variants; 2 to 4 are possible"),
        (
            f"{PACKAGE}, form: variants, variants: {{{', '.join(f'{each}: {{weight: 1}}' for each in 'abcde')}}}",
            "5 variants; 2 to 4 are possible: two alarms of each guard a deployment, one more stops it",
        ),
        (f"{PACKAGE}, rollout: {{strategy: linear, percent: 9}}", "SageMaker takes 10 to 50 for linear"),
        (f"{PACKAGE}, rollout: {{strategy: rolling, percent: 4}}", "SageMaker takes 5 to 50 for rolling"),
        (f"{PACKAGE}, rollout: {{strategy: canary, percent: 50}}", "less than one instance"),
        (
            f"{PACKAGE}, scaling: {{min: 10, max: 10}}, rollout: {{strategy: linear, percent: 10, {HOURLY}}}",
            "waits 600 minutes in all; a deployment may take 240",
        ),
        (
            f"{PACKAGE}, instance: ml.inf1.xlarge, scaling: {{min: 2, max: 2}}, rollout: {{strategy: canary}}",
            "on ml.inf1.xlarge SageMaker shifts all at once whatever it is told",
        ),
        (
            f"{PACKAGE}, {TWO_VARIANTS}, scaling: {{min: 2, max: 2}}, rollout: {{strategy: rolling}}",
            "rolling is not for several variants",
        ),
        (f"{PACKAGE}, instance: m5.large", "is no instance type of SageMaker hosting"),
        (f"{PACKAGE}, secrets: [KEY], isolated: true", "isolated containers reach nothing"),
        (f"{PACKAGE}, form: serverless, serverless: {{memory: 1500}}", "1024, 2048, 3072, 4096, 5120, 6144"),
        (f"{PACKAGE}, form: serverless, serverless: {{concurrency: 5, provisioned: 6}}", "is greater than concurrency"),
        (
            f"{PACKAGE}, form: batch, batch: {{{DAILY}, maxConcurrent: 20}}",
            "is more than 100 MiB",
        ),
        (
            f"{PACKAGE}, form: batch, batch: {{{DAILY}, strategy: MultiRecord, split: None}}",
            "split must say what parts them",
        ),
        (
            f"{PACKAGE}, form: batch, instance: ml.t2.medium, batch: {{{DAILY}}}",
            "a transform job takes the families",
        ),
    ],
)
def test_what_sagemaker_does_not_do_is_refused_with_the_reason(
    service_problems: Problems, written: str, said: str
) -> None:
    assert any(said in f"{problem.message} {problem.allowed}" for problem in service_problems(one(written)))


@pytest.mark.parametrize(
    ("written", "path", "allowed"),
    [
        ("rollout: {percent: 51}", "rollout.percent", "50 or less"),
        ("rollout: {intervalMinutes: 61}", "rollout.intervalMinutes", "60 or less"),
        ("rollout: {terminationMinutes: 61}", "rollout.terminationMinutes", "60 or less"),
        ("capture: {percent: 0}", "capture.percent", "1 or more"),
        ("health: {startSeconds: 59}", "health.startSeconds", "60 or more"),
        ("form: serverless, serverless: {concurrency: 201}", "serverless.concurrency", "200 or less"),
        ("scaling: {min: 0}", "scaling.min", "1 or more"),
    ],
)
def test_a_value_out_of_range_names_the_range(
    service_problems: Problems, written: str, path: str, allowed: str
) -> None:
    (problem,) = service_problems(one(f"{PACKAGE}, {written}"))
    assert (problem.path, problem.allowed) == (f"config.onramp:services.a.{path}", allowed)


def test_a_job_cannot_be_called(service_problems: Problems) -> None:
    batch = f"{one(f'{PACKAGE}, form: batch, batch: {{{DAILY}}}')}\n"
    (problem,) = service_problems(f"{batch}b: {{compute: fargate, calls: [a]}}")
    assert problem.message == "there is no such service that can be called in this environment"


@pytest.mark.parametrize(
    ("model", "version", "said"),
    [
        (PACKAGE, "v7", "is no version of a model package"),
        (
            PACKAGE,
            "arn:aws:sagemaker:eu-west-1:111122223333:model-package/other/7",
            "is no version of the package churn",
        ),
        ("model: {}", "arn:aws:sagemaker:eu-west-1:111122223333:model-package/churn/7", "the service runs an image"),
        (f"model: {{image: '{IMAGE}'}}", "7", "is not a service of this environment that runs an image or a model"),
    ],
)
def test_a_release_that_cannot_run_is_refused(
    load: Callable[[str], Stack], model: str, version: str, said: str
) -> None:
    text = HEADER.format(tier="dev") + f"    {one(model)}\n  onramp:images: {{a: '{version}'}}\n"
    with pytest.raises(StackFileError) as caught:
        load(text)
    assert [said in problem.message for problem in caught.value.problems] == [True]


def test_each_variant_has_the_model_of_the_service_as_far_as_it_has_none_of_its_own(
    load_services: Callable[..., Stack],
) -> None:
    written = f"{PACKAGE}, form: variants, variants: {{old: {{weight: 9, model: {{version: 3}}}}, new: {{weight: 1}}}}"
    spec = load_services(one(written)).services["a"]
    assert isinstance(spec, EndpointSpec)
    assert {name: (each.package, each.version) for name, (each,) in spec.by_variant.items()} == {
        "old": ("churn", 3),
        "new": ("churn", None),
    }


def test_the_instance_types_are_those_of_the_api() -> None:
    model = Loader().load_service_model("sagemaker", "service-2")  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType] - no types
    assert set(HOSTING) == set(model["shapes"]["ProductionVariantInstanceType"]["enum"])  # pyright: ignore[reportUnknownArgumentType] - no types


@pytest.mark.parametrize(
    ("instance", "cpus", "own_disk"),
    [("ml.m5.large", 2, False), ("ml.m5d.24xlarge", 96, True), ("ml.c4.8xlarge", 36, False), ("ml.g5.xlarge", 4, True)],
)
def test_size_tells_the_cpus_and_family_the_disks(instance: str, cpus: int, own_disk: bool) -> None:  # noqa: FBT001 - a row of the table
    assert (vcpus(instance), has_local_disk(instance)) == (cpus, own_disk)
