"""What a stack file may say of a function, and what is refused, with the reason."""

from collections.abc import Callable
from typing import Final, TypeAlias

import pytest

from stacks.load import Stack
from stacks.models import FunctionSpec
from stacks.problems import Problem
from tests.stacks.texts import ENVIRONMENT, FUNCTION, in_environment

FromServices: TypeAlias = Callable[[str], tuple[Problem, ...]]
FromFile: TypeAlias = Callable[[str], tuple[Problem, ...]]
IMAGE: Final = "compute: lambda, package: image"
KINESIS: Final = "arn:aws:kinesis:eu-west-1:111122223333:stream/clicks"
F: Final = "config.onramp:services.f"


def function(stack: Stack, name: str = "f") -> FunctionSpec:
    found = stack.services[name]
    assert isinstance(found, FunctionSpec)
    return found


@pytest.mark.parametrize(
    ("keys", "path", "said"),
    [
        ("batch: 0", "batch", "1 or more"),
        ("batch: 10001", "batch", "10000 or less"),
        ("batchWindowSeconds: 301", "batchWindowSeconds", "300 or less"),
        ("batch: 11, batchWindowSeconds: 0", "", "batch 11 needs a batchWindowSeconds of 1 to 300: without one, SQS"),
        ("async: {retries: 3}", "async.retries", "2 or less"),
        ("async: {maxAgeSeconds: 59}", "async.maxAgeSeconds", "60 or more"),
        ("async: {maxAgeSeconds: 21601}", "async.maxAgeSeconds", "21600 or less"),
        ("async: {onSuccess: done}", "", "async.onSuccess names done, which is not under publishes"),
        ("scaling: {max: 5, provisioned: {min: 1, max: 6}}", "scaling", "provisioned.max (6) is more than max (5)"),
        ("scaling: {provisioned: {min: 3, max: 2}}", "scaling.provisioned", "min (3) is greater than max (2)"),
        (
            "scaling: {provisioned: {min: 1, max: 2, utilization: 0.95}}",
            "scaling.provisioned.utilization",
            "0.9 or less",
        ),
        ("snapStart: true, ephemeralMib: 513", "", "snapStart does not go with ephemeralMib above 512"),
        ("snapStart: true, scaling: {provisioned: {min: 1, max: 2}}", "", "snapStart does not go with scaling.prov"),
        ("snapStart: true, memory: 2048, instances: {}", "", "snapStart does not go with instances"),
        ("memory: 2048, instances: {}, scaling: {provisioned: {min: 1, max: 2}}", "", "instances are always warm"),
        ("instances: {}", "", "instances take a memory of 2048 or more"),
        ("memory: 2048, instances: {concurrency: 1601}", "instances.concurrency", "1600 or less"),
        ("memory: 2048, instances: {memoryGibPerVcpu: 9}", "instances.memoryGibPerVcpu", "8.0 or less"),
        ("webSocket: {rate: 10001}", "webSocket.rate", "10000 or less"),
        ("webSocket: {burst: 5001}", "webSocket.burst", "5000 or less"),
        ("webSocket: {actions: [$connect]}", "webSocket.actions.0", "text like"),
    ],
)
def test_what_aws_does_not_take_is_refused_with_the_reason(
    service_problems: FromServices, keys: str, path: str, said: str
) -> None:
    (problem,) = [each for each in service_problems(f"f: {{{FUNCTION}, {keys}}}") if each.path.startswith(F)]
    assert problem.path == f"{F}.{path}".rstrip(".")
    assert said in f"{problem.message} {problem.allowed}"


@pytest.mark.parametrize(
    ("keys", "key", "allowed"),
    [
        ("batch: 10001", "batch", "10000 or less"),
        ("windowSeconds: 301", "windowSeconds", "300 or less"),
        ("parallel: 11", "parallel", "10 or less"),
        ("parallel: 0", "parallel", "1 or more"),
        ("retries: -1", "retries", "0 or more"),
        ("maxAgeSeconds: 604801", "maxAgeSeconds", "604800 or less"),
        ("start: beginning", "start", "'latest' or 'trim-horizon'"),
    ],
)
def test_a_stream_ends_its_retries_and_stays_within_what_lambda_reads(
    service_problems: FromServices, keys: str, key: str, allowed: str
) -> None:
    (problem,) = service_problems(f"f: {{{FUNCTION}, streams: {{s: {{source: '{KINESIS}', {keys}}}}}}}")
    assert (problem.path, problem.allowed) == (f"{F}.streams.s.{key}", allowed)


@pytest.mark.parametrize("source", ["orders", "arn:aws:sqs:eu-west-1:111122223333:queue", KINESIS.replace("kin", "x")])
def test_what_is_no_stream_is_refused(service_problems: FromServices, source: str) -> None:
    (problem,) = service_problems(f"f: {{{FUNCTION}, streams: {{s: {{source: '{source}'}}}}}}")
    assert problem.path == f"{F}.streams.s.source"


def test_a_stream_of_another_region_is_refused(service_problems: FromServices) -> None:
    far = KINESIS.replace("eu-west-1", "us-east-1")
    (problem,) = service_problems(f"f: {{{FUNCTION}, streams: {{s: {{source: '{far}'}}}}}}")
    assert problem.message == "is in us-east-1; Lambda reads streams of its own region"


@pytest.mark.parametrize("store", ["orders", "order"])
def test_a_table_that_has_no_stream_is_refused(service_problems: FromServices, store: str) -> None:
    (problem,) = service_problems(
        f"f: {{{FUNCTION}, streams: {{s: {{source: shop/{store}}}}}}}\n"
        "shop: {compute: fargate, stores: {orders: {kind: dynamodb, partitionKey: id}}}\n"
    )
    assert problem.path == f"{F}.streams.s.source"
    assert problem.message == "there is no table with a stream of this name in this environment"


@pytest.mark.parametrize(("batch", "window"), [(1, 0), (10, 0), (11, 5), (10_000, 5)])
def test_a_large_batch_waits_without_being_told(load_services: Callable[..., Stack], batch: int, window: int) -> None:
    stack = load_services(f"f: {{{FUNCTION}, queue: {{}}, batch: {batch}}}")
    assert function(stack).batch_window_seconds == window


@pytest.mark.parametrize("key", ["handler: app.handler", "runtime: python3.13", "source: ./f"])
def test_an_image_brings_what_a_zip_is_told(service_problems: FromServices, key: str) -> None:
    (problem,) = service_problems(f"f: {{{IMAGE}, {key}}}")
    assert problem.path == f"{F}.{key.partition(':')[0]}"
    assert problem.message == "an image brings it; remove it, or write package: zip"


def test_an_image_takes_no_snapshot(service_problems: FromServices) -> None:
    (problem,) = service_problems(f"f: {{{IMAGE}, snapStart: true}}")
    assert problem.message.startswith("snapStart does not go with package image")


@pytest.mark.parametrize("runtime", ["python3.11", "nodejs24.x", "provided.al2023"])
def test_only_some_runtimes_start_from_a_snapshot(service_problems: FromServices, runtime: str) -> None:
    service = FUNCTION.replace("python3.13", runtime)
    (problem,) = service_problems(f"f: {{{service}, snapStart: true}}")
    assert problem.message.startswith(f"snapStart does not go with runtime {runtime}")


def test_the_digest_of_an_image_is_taken_and_that_of_a_zip_is_not(
    problems: FromFile, load: Callable[..., Stack]
) -> None:
    text = in_environment(ENVIRONMENT) + "  onramp:images: {f: v1}\n  onramp:services:\n    f: {"
    assert load(f"{text}{IMAGE}}}\n").images == {"f": "v1"}
    (problem,) = problems(f"{text}{FUNCTION}}}\n")
    assert problem.path == "config.onramp:images.f"


def test_an_image_needs_no_layers_of_its_region(load: Callable[..., Stack]) -> None:
    text = in_environment(ENVIRONMENT).replace("eu-west-1", "me-central-1")
    assert function(load(f"{text}  onramp:services:\n    f: {{{IMAGE}}}\n")).is_image


@pytest.mark.parametrize("hook", ["f", "api", "juge"])
def test_a_hook_is_another_function(service_problems: FromServices, hook: str) -> None:
    (problem,) = service_problems(
        f"f: {{{FUNCTION}, rollout: {{hooks: {{before: {hook}}}}}}}\njudge: {{{FUNCTION}}}\napi: {{compute: fargate}}\n"
    )
    assert problem.path == f"{F}.rollout.hooks.before"
    assert problem.allowed == "judge"
    assert problem.fix == (
        "did you mean `judge`?" if hook == "juge" else "declare it as a service with compute: lambda"
    )


def test_a_hook_that_is_itself_refused_is_not_reported_as_well(service_problems: FromServices) -> None:
    (problem,) = service_problems(
        f"f: {{{FUNCTION}, rollout: {{hooks: {{after: judge}}}}}}\njudge: {{{FUNCTION}, memory: 1}}\n"
    )
    assert problem.path == "config.onramp:services.judge.memory"


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ("notifiedBy: [shop/lost]", "there is no such topic in this environment"),
        ("notifiedBy: [shop/placed, shop/placed]", "is listed twice"),
        ("notifiedBy: [shop/placed], consumes: [shop/placed]", "is under consumes as well: every message would"),
    ],
)
def test_a_topic_notifies_once(service_problems: FromServices, keys: str, message: str) -> None:
    (problem,) = service_problems(f"f: {{{FUNCTION}, {keys}}}\nshop: {{compute: fargate, publishes: [placed]}}\n")
    assert problem.path.startswith(f"{F}.notifiedBy.")
    assert problem.message.startswith(message)


@pytest.mark.parametrize(
    ("keys", "key", "fix"),
    [
        ("memory: 2048, instances: {}", "instances", "write `capacity: {}` in onramp:environment"),
        ("webSocket: {}", "webSocket", "write `webSockets: true` in onramp:environment"),
    ],
)
def test_what_functions_share_is_the_environments(
    service_problems: FromServices, keys: str, key: str, fix: str
) -> None:
    (problem,) = service_problems(f"f: {{{FUNCTION}, {keys}}}")
    assert (problem.path, problem.fix) == (f"{F}.{key}", fix)


def test_a_function_on_instances_calls_nothing_inside_the_network(problems: FromFile) -> None:
    (problem,) = problems(
        in_environment(f"{ENVIRONMENT}, capacity: {{}}")
        + f"  onramp:services:\n    f: {{{FUNCTION}, memory: 2048, instances: {{}}, calls: [api, g]}}\n"
        + f"    g: {{{FUNCTION}}}\n"
        + "    api: {compute: fargate, port: 80, discovery: {cloudMap: true}}\n"
    )
    assert problem.path == f"{F}.calls.0"
    assert "opens no such door" in problem.message


def test_a_function_on_instances_is_let_in_by_no_database(problems: FromFile) -> None:
    (problem,) = problems(
        in_environment(f"{ENVIRONMENT}, capacity: {{}}")
        + f"  onramp:services:\n    f: {{{FUNCTION}, memory: 2048, instances: {{}}, uses: [api/orders, api/facts]}}\n"
        + "    api:\n      compute: fargate\n      stores:\n"
        + "        orders: {kind: aurora-postgres}\n        facts: {kind: dynamodb, partitionKey: id}\n"
    )
    assert problem.path == f"{F}.uses.0"


@pytest.mark.parametrize(
    ("plan", "key"),
    [
        ("maxVcpu: 1", "maxVcpu"),
        ("maxVcpu: 15001", "maxVcpu"),
        ("instanceTypes: []", "instanceTypes"),
        ("instanceTypes: [m7g.large, m5.large]", "instanceTypes.1"),
    ],
)
def test_shared_instances_are_graviton_and_bounded(problems: FromFile, plan: str, key: str) -> None:
    (problem,) = problems(in_environment(f"{ENVIRONMENT}, capacity: {{{plan}}}"))
    assert problem.path == f"config.onramp:environment.capacity.{key}"
