import pytest

from simulator.world.world import World
from tests.simulator.world.scene import START, Shop, shop


@pytest.fixture
def world() -> World:
    return World(7, START)


@pytest.fixture
def a_shop() -> Shop:
    return shop()
