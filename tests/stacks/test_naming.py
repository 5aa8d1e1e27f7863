from hypothesis import given
from hypothesis import strategies as st

from stacks.naming import physical_name

PART = st.from_regex(r"[a-z][a-z0-9]{0,59}", fullmatch=True)
PARTS = st.lists(PART, min_size=1, max_size=4)
LIMIT = st.sampled_from([32, 63, 64, 80, 255])


@given(LIMIT, PARTS)
def test_a_name_is_never_longer_than_its_limit(limit: int, parts: list[str]) -> None:
    assert 0 < len(physical_name(limit, *parts)) <= limit


@given(LIMIT, PARTS)
def test_a_name_that_fits_is_the_parts_joined(limit: int, parts: list[str]) -> None:
    joined = "-".join(parts)
    assert (physical_name(limit, *parts) == joined) == (len(joined) <= limit)


@given(LIMIT, PARTS)
def test_a_name_can_be_used_where_names_neither_start_nor_end_with_a_hyphen(limit: int, parts: list[str]) -> None:
    name = physical_name(limit, *parts)
    assert name == name.strip("-")
    assert "--" not in name


@given(LIMIT, st.sets(st.tuples(PART, PART), min_size=2, max_size=30))
def test_different_services_get_different_names(limit: int, pairs: set[tuple[str, str]]) -> None:
    assert len({physical_name(limit, *pair) for pair in pairs}) == len(pairs)


def test_a_name_is_the_same_on_every_machine() -> None:
    assert physical_name(32, "prod", "a" * 40) == "prod-aaaaaaaaaaaaaaaaaa-c7e55783"
