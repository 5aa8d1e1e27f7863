"""Which listener rule comes first."""

from hypothesis import given, settings
from hypothesis import strategies as st

from stacks.naming import fingerprint
from stacks.routing import priorities, split_route

NAMES = st.from_regex(r"[a-z]{1,12}", fullmatch=True)
PATHS = st.from_regex(r"/[a-z]{0,20}(/[a-z]{1,10})?(/\*)?", fullmatch=True)
HOSTS = st.from_regex(r"[a-z]{1,8}\.example\.com", fullmatch=True)
ROUTES = st.dictionaries(NAMES, st.builds(str.__add__, st.one_of(st.just(""), HOSTS), PATHS), max_size=20)
BAND = 333
SLOTS = 233
"""For routes without headers, in a band of one specificity."""


def literal(route: str) -> int:
    return len(split_route(route)[1].replace("*", "").replace("?", ""))


def test_a_route_is_a_host_and_a_path() -> None:
    assert split_route("/news/*") == (None, "/news/*")
    assert split_route("news.example.com/*") == ("news.example.com", "/*")
    assert split_route("news.example.com/a/b") == ("news.example.com", "/a/b")


def test_the_longer_path_comes_first() -> None:
    found = priorities({"all": "/*", "news": "/news/*", "feeds": "/news/feeds/*", "one": "/news/feeds/1"}, {})
    assert sorted(found, key=found.__getitem__) == ["one", "feeds", "news", "all"]


def test_a_host_comes_before_no_host_however_long_the_path_is() -> None:
    found = priorities({"host": "a.example.com/*", "path": "/" + "x" * 127}, {})
    assert found["host"] < found["path"]


@given(ROUTES, st.data())
@settings(deadline=None, max_examples=60)
def test_priorities_are_legal_unique_and_in_order_of_specificity(routes: dict[str, str], data: st.DataObject) -> None:
    headers = {name: data.draw(st.integers(min_value=0, max_value=4)) for name in routes}
    found = priorities(routes, headers)
    assert found.keys() == routes.keys()
    assert len(set(found.values())) == len(found)
    assert all(1 <= priority <= 50_000 for priority in found.values())

    def rank(name: str) -> tuple[bool, int, int]:
        return split_route(routes[name])[0] is None, -literal(routes[name]), -headers[name]

    for first in routes:
        for second in routes:
            if rank(first) < rank(second):
                assert found[first] < found[second]


def test_of_one_route_the_rule_with_more_headers_comes_first() -> None:
    routes = {"plain": "/news/*", "beta": "/news/*", "beta-mobile": "/news/*", "feeds": "/news/feeds/*"}
    found = priorities(routes, {"beta": 1, "beta-mobile": 2})
    assert sorted(found, key=found.__getitem__) == ["feeds", "beta-mobile", "beta", "plain"]


@given(ROUTES)
@settings(deadline=None, max_examples=30)
def test_the_order_of_the_file_does_not_matter(routes: dict[str, str]) -> None:
    assert priorities(dict(reversed(routes.items())), {}) == priorities(routes, {})


@given(ROUTES, NAMES, PATHS)
@settings(deadline=None, max_examples=60)
def test_a_new_service_moves_nobody_unless_fingerprints_meet(routes: dict[str, str], name: str, path: str) -> None:
    others = {key: value for key, value in routes.items() if key != name}
    slots = {int(fingerprint(key), 16) % SLOTS for key in (*others, name)}
    before, after = priorities(others, {}), priorities({**others, name: path}, {})
    moved = {key for key in others if before[key] != after[key]}
    assert not moved or len(slots) < len(others) + 1
    assert all(abs(before[key] - after[key]) < BAND for key in moved)


@given(ROUTES, NAMES, PATHS)
@settings(deadline=None, max_examples=30)
def test_a_service_that_sorts_last_moves_nobody(routes: dict[str, str], name: str, path: str) -> None:
    after = priorities({**routes, f"z{'z' * 12}{name}": path}, {})
    assert {**after, **priorities(routes, {})} == after


def test_two_of_one_fingerprint_get_neighbouring_priorities() -> None:
    names = [f"s{index}" for index in range(200)]
    found = priorities({name: f"/{index:03}/*" for index, name in enumerate(names)}, {})
    assert len(set(found.values())) == 200
    assert max(found.values()) - min(found.values()) < BAND
