import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rollouts.aws import Clients
from rollouts.clock import WallClock
from rollouts.errors import Refused
from rollouts.ledger import open_ledger
from rollouts.ledger.address import Table, read_address
from tests.rollouts.ledger.places import KEY, START, Account


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("dynamodb://rollouts?region=eu-west-1", Table(name="rollouts", region="eu-west-1")),
        ("dynamodb://Team_A.rollouts-2?region=us-gov-west-1", Table(name="Team_A.rollouts-2", region="us-gov-west-1")),
        ("sqlite:///home/me/rollouts.db", Path("/home/me/rollouts.db")),
        ("sqlite:///r", Path("/r")),
        ("sqlite:///home/me/my rollouts?x#1.db", Path("/home/me/my rollouts?x#1.db")),
    ],
)
def test_an_address_means_one_place(text: str, place: Table | Path) -> None:
    assert read_address(text) == place


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rollouts",
        "dynamodb://rollouts",
        "dynamodb://rollouts?region=",
        "dynamodb://rollouts?region=Europe",
        "dynamodb://rollouts?region=eu-west-1&profile=me",
        "dynamodb://rollouts?regoin=eu-west-1",
        "dynamodb://rollouts/?region=eu-west-1",
        "dynamodb:///rollouts?region=eu-west-1",
        "dynamodb://ab?region=eu-west-1",
        f"dynamodb://{'a' * 256}?region=eu-west-1",
        "dynamodb://roll outs?region=eu-west-1",
        "DYNAMODB://rollouts?region=eu-west-1",
        "dynamodb://rollouts?region=eu-west-1\n",
        "sqlite://rollouts.db",
        "sqlite:rollouts.db",
        "sqlite://",
        "sqlite:///",
        "sqlite:////home/me/rollouts.db",
        "sqlite:///home/me/",
        "sqlite:///home/\0.db",
        "sqlite:///home/me.db\n",
        "sqlite://:memory:",
        "sqlite3:///home/me/rollouts.db",
        "postgresql://host/rollouts",
    ],
)
def test_anything_else_is_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(Refused, match=r"dynamodb://rollouts\?region=eu-west-1 .* sqlite:///home/me/rollouts\.db"):
        read_address(text)


@given(
    st.text()
    | st.builds("sqlite:///{}".format, st.text())
    | st.builds("dynamodb://{}?region={}".format, st.text(), st.sampled_from(["eu-west-1", "eu", ""]))
)
def test_a_text_is_a_place_or_refused(text: str) -> None:
    try:
        place = read_address(text)
    except Refused:
        return
    if isinstance(place, Path):
        assert place == Path(text.removeprefix("sqlite://"))
        assert place.is_absolute()
    else:
        assert text == f"dynamodb://{place.name}?region={place.region}"


def test_a_file_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "rollouts.db"
    ledger = open_ledger(f"sqlite://{path}", WallClock())
    ledger.acquire(KEY, "me", 60, START)
    assert path.stat().st_uid == os.getuid()


def test_a_table_is_opened_in_its_own_region(account: Account) -> None:
    regions: list[str] = []

    def connect(region: str) -> Clients:
        regions.append(region)
        return lambda _: account.client

    ledger = open_ledger("dynamodb://rollouts?region=eu-west-1", account.clock, connect)
    assert ledger.acquire(KEY, "me", 60, START).fence == 1
    assert regions == ["eu-west-1"]
