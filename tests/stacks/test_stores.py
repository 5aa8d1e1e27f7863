"""Stores in a stack file: what is refused, with which reason, and what follows from what is written."""

from collections.abc import Callable
from typing import Any, TypeAlias, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stacks import limits
from stacks.load import Stack
from stacks.models import AuroraStore, InstanceStore, TableStore
from stacks.problems import Problem
from tests.stacks.texts import FUNCTION

FromServices: TypeAlias = Callable[[str], tuple[Problem, ...]]
MAIN = (
    "api: {compute: fargate, stores: {main: {kind: aurora-postgres}, articles: {kind: dynamodb, partitionKey: id}}}\n"
)


@pytest.mark.parametrize(
    ("store", "key", "fix"),
    [
        ("{kind: aurora-postgress}", "", "did you mean `aurora-postgres`?"),
        ("{maxAcu: 4}", "", "write 'kind'"),
        ("{kind: aurora-postgres, maxAcus: 4}", ".maxAcus", "did you mean `maxAcu`?"),
        ("{kind: rds-postgres, storageGib: 19}", ".storageGib", "write an allowed value"),
        ("{kind: rds-postgres, storageGib: 65537}", ".storageGib", "write an allowed value"),
        ("{kind: aurora-postgres, minAcu: 0}", ".minAcu", "write an allowed value"),
        ("{kind: aurora-postgres, maxAcu: 128.5}", ".maxAcu", "write an allowed value"),
        ("{kind: dynamodb}", ".partitionKey", "write it"),
        (
            "{kind: dynamodb, partitionKey: id, indexes: {ab: {partitionKey: a}}}",
            ".indexes.ab",
            "write an allowed value",
        ),
    ],
)
def test_a_wrong_store_is_refused_where_it_is_wrong(
    service_problems: FromServices, store: str, key: str, fix: str
) -> None:
    (problem,) = service_problems(f"api: {{compute: fargate, stores: {{main: {store}}}}}")
    assert (problem.path, problem.fix) == (f"config.onramp:services.api.stores.main{key}", fix)


@pytest.mark.parametrize(
    ("store", "reason"),
    [
        ("{kind: aurora-postgres, minAcu: 8, maxAcu: 4}", "minAcu (8) is greater than maxAcu (4)"),
        ("{kind: aurora-postgres, minAcu: 0.75}", "minAcu and maxAcu go in steps of 0.5"),
        ("{kind: dynamodb, partitionKey: id, sortKey: id}", "partitionKey and sortKey must be two attributes"),
        (
            "{kind: dynamodb, partitionKey: id, numbers: [at]}",
            "numbers: at is no key; only keys have a type in DynamoDB",
        ),
    ],
)
def test_values_that_do_not_go_together_are_refused_with_the_reason(
    service_problems: FromServices, store: str, reason: str
) -> None:
    (problem,) = service_problems(f"api: {{compute: fargate, stores: {{main: {store}}}}}")
    assert problem.message == reason


def test_an_unknown_size_is_refused_with_all_that_there_are(service_problems: FromServices) -> None:
    (problem,) = service_problems("api: {compute: fargate, stores: {main: {kind: rds-postgres, instance: t3.nano}}}")
    assert problem.message.startswith("instance: allowed are t4g.micro, t4g.small")


@pytest.mark.parametrize("name", ["Main", "my-store", "1st", "s" * 21])
def test_a_store_is_one_short_word(service_problems: FromServices, name: str) -> None:
    (problem,) = service_problems(f"api: {{compute: fargate, stores: {{{name}: {{kind: rds-postgres}}}}}}")
    assert problem.path == f"config.onramp:services.api.stores.{name}"


def test_a_store_that_nobody_owns_is_refused_with_the_one_that_is_meant(service_problems: FromServices) -> None:
    (problem,) = service_problems(f"{MAIN}web: {{compute: fargate, uses: [api/article]}}")
    assert (problem.path, problem.fix) == ("config.onramp:services.web.uses.0", "did you mean `api/articles`?")


def test_a_store_is_used_once_and_never_by_its_owner(service_problems: FromServices) -> None:
    problems = service_problems(
        "a: {compute: fargate, stores: {s: {kind: dynamodb, partitionKey: id}}, uses: [a/s]}\n"
        "b: {compute: fargate, uses: [a/s, a/s]}"
    )
    assert {(problem.path, problem.message) for problem in problems} == {
        ("config.onramp:services.a.uses.0", "is its own store"),
        ("config.onramp:services.b.uses.1", "is listed twice"),
    }


@pytest.mark.parametrize(
    "services",
    [
        f"{MAIN}b: {{compute: fargate, stores: {{main: {{kind: rds-postgres}}}}, uses: [api/main]}}",
        f"{MAIN}b: {{compute: fargate, secrets: [MAIN_DATABASE_URL], uses: [api/main]}}",
    ],
)
def test_two_stores_of_one_variable_are_refused(service_problems: FromServices, services: str) -> None:
    (problem,) = service_problems(services)
    assert problem.path == "config.onramp:services.b.uses.0"
    assert "would be given to the process as MAIN_DATABASE_URL" in problem.message


def test_a_secret_named_as_the_credential_of_an_own_database_is_refused(service_problems: FromServices) -> None:
    (problem,) = service_problems(
        "api: {compute: fargate, secrets: [MAIN_DATABASE_URL], stores: {main: {kind: rds-postgres}}}"
    )
    assert problem.message == "MAIN_DATABASE_URL would be set twice; rename one of them"


def test_what_has_no_security_group_of_its_own_cannot_use_a_database(service_problems: FromServices) -> None:
    runs = f"{FUNCTION}, instances: {{}}, memory: {limits.LAMBDA_INSTANCE_MEMORY_MIB_MIN}"
    problems = service_problems(f"{MAIN}f: {{{runs}, uses: [api/main, api/articles]}}")
    assert [each.path for each in problems if "is a database" in each.message] == ["config.onramp:services.f.uses.0"]


def test_a_store_has_what_the_file_does_not_say(load_services: Callable[..., Stack]) -> None:
    stores = cast(
        "dict[str, Any]",
        load_services(f"{MAIN}b: {{compute: fargate, stores: {{c: {{kind: rds-postgres}}}}}}").services,
    )
    main, articles, c = stores["api"].stores["main"], stores["api"].stores["articles"], stores["b"].stores["c"]
    assert isinstance(main, AuroraStore)
    assert (main.min_acu, main.max_acu, main.max_connections) == (0.5, 4, 901)
    assert isinstance(articles, TableStore)
    assert articles.keys == ("id",)
    assert isinstance(c, InstanceStore)
    assert (c.instance, c.storage_gib, c.max_connections) == ("t4g.medium", 20, 450)


@given(least=st.integers(1, 256), more=st.integers(0, 256))
def test_an_aurora_instance_never_promises_more_connections_than_postgres_takes(least: int, more: int) -> None:
    most = min(max(least + more, 2), 256)
    store = AuroraStore.model_validate({"kind": "aurora-postgres", "minAcu": least / 2, "maxAcu": most / 2})
    ceiling = limits.AURORA_SMALL_CONNECTIONS_MAX if store.min_acu < 1 else limits.POSTGRES_CONNECTIONS_MAX
    assert 0 < store.max_connections <= ceiling
