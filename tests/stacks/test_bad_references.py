"""What services say of each other, and of what they share: everything that names what is not there, or is taken."""

from collections.abc import Callable
from typing import TypeAlias

import pytest

from stacks.load import Stack
from stacks.problems import Problem
from tests.stacks.texts import ENVIRONMENT, FUNCTION, in_environment

FromServices: TypeAlias = Callable[[str], tuple[Problem, ...]]
FromFile: TypeAlias = Callable[[str], tuple[Problem, ...]]


def test_a_secret_that_its_owner_does_not_have_is_refused(service_problems: FromServices) -> None:
    (problem,) = service_problems(
        "orders: {compute: fargate, secrets: [DATABASE_URL]}\n"
        "api:\n  compute: fargate\n  secrets:\n    - REDIS_URL\n    - orders/DATABASE_URI\n"
    )
    assert (problem.path, problem.line) == ("config.onramp:services.api.secrets.1", 15)
    assert problem.message == "there is no such secret in this environment"
    assert problem.fix == "did you mean `orders/DATABASE_URL`?"


def test_a_secret_of_a_service_that_is_not_there_is_refused(service_problems: FromServices) -> None:
    (problem,) = service_problems("api: {compute: fargate, secrets: [nowhere/DATABASE_URL]}")
    assert problem.fix == "declare it at the service that owns it"


def test_a_topic_that_nobody_publishes_is_refused(service_problems: FromServices) -> None:
    (problem,) = service_problems(
        "orders: {compute: fargate, publishes: [order-placed]}\n"
        "mail: {compute: fargate, consumes: [orders/order-place]}\n"
    )
    assert (problem.path, problem.line) == ("config.onramp:services.mail.consumes.0", 11)
    assert problem.fix == "did you mean `orders/order-placed`?"


@pytest.mark.parametrize("called", ["api", "worker", "nobody"])
def test_only_a_service_that_listens_or_has_an_arn_can_be_called(service_problems: FromServices, called: str) -> None:
    services = (
        f"worker: {{compute: fargate}}\nresize: {{{FUNCTION}}}\ncaller: {{compute: fargate, calls: [{called}]}}\n"
    )
    if called == "api":
        services += "api: {compute: fargate}\n"
    (problem,) = service_problems(services)
    assert problem.path == "config.onramp:services.caller.calls.0"
    assert problem.message == "there is no such service that can be called in this environment"


def test_a_function_finds_a_container_service_only_in_cloud_map(service_problems: FromServices) -> None:
    (problem,) = service_problems(f"api: {{compute: fargate, port: 80}}\nresize: {{{FUNCTION}, calls: [api]}}\n")
    assert problem.path == "config.onramp:services.resize.calls.0"
    assert problem.fix == "set discovery.cloudMap: true at api"


def test_references_to_a_service_that_is_itself_refused_are_not_reported_as_well(
    service_problems: FromServices,
) -> None:
    found = service_problems(
        "orders: {compute: fargate, port: 80, secrets: [DATABASE_URL], publishes: [placed], prot: 1}\n"
        "api: {compute: fargate, secrets: [orders/DATABASE_URL], consumes: [orders/placed], calls: [orders]}\n"
    )
    assert [problem.path for problem in found] == ["config.onramp:services.orders.prot"]


def test_an_entry_listed_twice_is_refused(service_problems: FromServices) -> None:
    (problem,) = service_problems("api: {compute: fargate, secrets: [DATABASE_URL, REDIS_URL, DATABASE_URL]}")
    assert (problem.path, problem.message) == ("config.onramp:services.api.secrets.2", "is listed twice")


def test_two_services_with_one_route_are_refused(service_problems: FromServices) -> None:
    (problem,) = service_problems(
        "news: {compute: fargate, port: 80, route: /news/*}\napi: {compute: fargate, port: 80, route: /news/*}\n"
    )
    assert (problem.path, problem.line) == ("config.onramp:services.api.route", 11)
    assert problem.message == "is the route of news as well"


@pytest.mark.parametrize(("one", "other"), [("/news", "/news/*"), ("a.example.com/n/*", "a.example.com/n")])
def test_routes_that_share_a_path_are_refused(service_problems: FromServices, one: str, other: str) -> None:
    (problem,) = service_problems(
        f"news: {{compute: fargate, port: 80, route: {one}}}\napi: {{compute: fargate, port: 80, route: {other}}}\n"
    )
    assert problem.message == "is the route of news as well"


def test_the_same_path_under_another_host_is_another_route(load_services: Callable[..., Stack]) -> None:
    stack = load_services(
        "news: {compute: fargate, port: 80, route: /n}\napi: {compute: fargate, port: 80, route: b.example.com/n}\n"
    )
    assert len(stack.services) == 2


@pytest.mark.parametrize("written", ["DB_PASSWORD: x", "BROKER: 'amqp://guest:hunter2@mq'"])
def test_a_secret_in_config_is_refused_and_not_shown(service_problems: FromServices, written: str) -> None:
    (problem,) = service_problems(f"api: {{compute: fargate, port: 80, config: {{{written}}}}}")
    assert problem.message == "looks like a secret, and config is kept in clear"
    assert "hunter2" not in problem.render()


def test_a_region_without_known_layers_is_refused_for_functions_alone(problems: FromFile) -> None:
    text = in_environment(ENVIRONMENT).replace("eu-west-1", "me-south-1")
    (problem,) = problems(f"{text}  onramp:services: {{api: {{{FUNCTION}}}}}\n")
    assert (problem.path, problem.got) == ("config.aws:region", "me-south-1")


def test_a_containers_references_are_checked_although_it_has_an_unknown_key(service_problems: FromServices) -> None:
    found = service_problems("api: {compute: fargate, prot: 80, consumes: [shop/sold], memory: 4096}")
    assert {problem.path.rpartition(".api.")[2] for problem in found} == {"prot", "consumes.0", "memory"}


def test_images_belong_to_container_services(problems: FromFile) -> None:
    found = problems(
        in_environment(ENVIRONMENT)
        + f"  onramp:services: {{news-api: {{compute: fargate}}, f: {{{FUNCTION}}}}}\n"
        + "  onramp:images: {news-app: v1, f: v1}\n"
    )
    assert [(p.path, p.fix) for p in found] == [
        ("config.onramp:images.f", "remove it"),
        ("config.onramp:images.news-app", "did you mean `news-api`?"),
    ]


@pytest.mark.parametrize("image", ["sha256:abc", "a b", "repo/name:v1", "''"])
def test_an_image_is_a_digest_or_a_tag(problems: FromFile, image: str) -> None:
    text = in_environment(ENVIRONMENT) + "  onramp:services: {api: {compute: fargate}}\n"
    (problem,) = problems(f"{text}  onramp:images: {{api: {image}}}\n")
    assert problem.path == "config.onramp:images.api"


def test_the_name_of_an_administrators_secret_is_taken(service_problems: FromServices) -> None:
    (problem,) = service_problems("api: {compute: fargate, port: 80, secrets: [DATABASE_URL, DATABASE_URL_ADMIN]}")
    assert "DATABASE_URL_ADMIN is the name of the administrator's secret" in problem.message
