"""Every previewed resource against the rules of AWS that no model has, and each rule against what it forbids."""

import pytest

from simulator.graph import Graph
from tests.components.acceptance.catalog import RULES
from tests.components.acceptance.mutation import Mutation
from tests.components.acceptance.mutations import MUTATIONS
from tests.components.acceptance.mutations_api import MUTATIONS_API
from tests.components.acceptance.mutations_functions import MUTATIONS_FUNCTIONS
from tests.components.acceptance.mutations_guard import MUTATIONS_GUARD
from tests.components.acceptance.mutations_models import MUTATIONS_MODELS
from tests.components.acceptance.mutations_pipelines import MUTATIONS_PIPELINES
from tests.components.acceptance.mutations_schedules import MUTATIONS_SCHEDULES
from tests.components.acceptance.mutations_stores import MUTATIONS_STORES
from tests.components.acceptance.mutations_web import MUTATIONS_WEB
from tests.components.acceptance.previews import previewed

ALL_MUTATIONS = (
    *MUTATIONS_STORES,
    *MUTATIONS,
    *MUTATIONS_API,
    *MUTATIONS_FUNCTIONS,
    *MUTATIONS_GUARD,
    *MUTATIONS_MODELS,
    *MUTATIONS_PIPELINES,
    *MUTATIONS_SCHEDULES,
    *MUTATIONS_WEB,
)


@pytest.mark.parametrize("rule", sorted(RULES))
def test_the_rule_holds(rule: str, graph: Graph) -> None:
    assert set(RULES[rule](graph)) == set()


@pytest.mark.parametrize("mutation", ALL_MUTATIONS, ids=str)
def test_the_rule_sees_what_it_forbids(mutation: Mutation) -> None:
    assert set(RULES[mutation.rule](mutation.applied(previewed(mutation.stack)))) != set()


def test_every_rule_is_shown_something_that_it_forbids() -> None:
    assert {mutation.rule for mutation in ALL_MUTATIONS} == set(RULES)


def test_every_rule_says_where_aws_writes_it() -> None:
    assert [name for name, rule in RULES.items() if not rule.__doc__] == []
