"""What the stand-in knows of each type of resource.

Ids follow the "Import" section and attributes the "Attribute Reference" of each resource in the aws provider's
documentation; ARNs follow the service authorization reference.
"""

from collections.abc import Mapping
from typing import Final

from simulator.shapes.api import API
from simulator.shapes.compute import COMPUTE
from simulator.shapes.data import DATA
from simulator.shapes.functions import FUNCTIONS
from simulator.shapes.guard import GUARD
from simulator.shapes.models import MODELS
from simulator.shapes.network import NETWORK
from simulator.shapes.pipelines import PIPELINES
from simulator.shapes.scheduling import SCHEDULING
from simulator.shapes.shape import Shape
from simulator.shapes.stores import STORES
from simulator.shapes.watch import WATCH
from simulator.shapes.web import WEB

__all__ = ["SHAPES", "Shape"]

SHAPES: Final[Mapping[str, Shape]] = {
    **API,
    **NETWORK,
    **SCHEDULING,
    **COMPUTE,
    **DATA,
    **FUNCTIONS,
    **GUARD,
    **MODELS,
    **PIPELINES,
    **STORES,
    **WATCH,
    **WEB,
}
"""By type token. A type without a shape can be previewed and not created."""
