from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from rollouts.ledger import Ledger
from rollouts.ledger.sqlite import SqliteStore
from rollouts.ledger.store import Store
from tests.rollouts.ledger.places import Account, MemoryStore


@pytest.fixture
def account() -> Iterator[Account]:
    with mock_aws():
        yield Account()


@pytest.fixture(params=["memory", "sqlite", "dynamodb"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """Each store in turn: they differ in nothing that can be seen from outside."""
    if request.param == "memory":
        return MemoryStore()
    if request.param == "sqlite":
        return SqliteStore(tmp_path / "ledger.db")
    account: Account = request.getfixturevalue("account")
    return account.store()


@pytest.fixture
def ledger(store: Store) -> Ledger:
    return Ledger(store)
