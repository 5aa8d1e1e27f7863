"""What the stand-in knows of each type of resource.

Ids follow the "Import" section and attributes the "Attribute Reference" of each resource in the aws provider's
documentation; ARNs follow the service authorization reference.
"""

from collections.abc import Mapping
from typing import Final

from simulator.shapes.compute import COMPUTE
from simulator.shapes.data import DATA
from simulator.shapes.network import NETWORK
from simulator.shapes.shape import Shape
from simulator.shapes.watch import WATCH

__all__ = ["SHAPES", "Shape"]

SHAPES: Final[Mapping[str, Shape]] = {**NETWORK, **COMPUTE, **DATA, **WATCH}
"""By type token. A type without a shape can be previewed and not created."""
