"""The instance types that SageMaker hosts models on, and what of them matters here: CPUs, and disks of their own."""

from collections.abc import Mapping
from typing import Final

_TO_24: Final = "large xlarge 2xlarge 4xlarge 12xlarge 24xlarge"
_TO_18: Final = "large xlarge 2xlarge 4xlarge 9xlarge 18xlarge"
_TO_16: Final = "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge"
_TO_32: Final = f"{_TO_16} 24xlarge 32xlarge"
_TO_48: Final = f"{_TO_16} 24xlarge 48xlarge"
_GPU: Final = "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge"
_BIG_GPU: Final = "2xlarge 4xlarge 8xlarge 12xlarge 24xlarge 48xlarge"

_SIZES: Final[Mapping[str, str]] = {
    "t2": "medium large xlarge 2xlarge",
    "m4": "xlarge 2xlarge 4xlarge 10xlarge 16xlarge",
    "c4": "large xlarge 2xlarge 4xlarge 8xlarge",
    **dict.fromkeys(("m5", "m5d", "r5", "r5d"), _TO_24),
    **dict.fromkeys(("c5", "c5d"), _TO_18),
    **dict.fromkeys(("c6g", "c6gd", "c6gn", "c7g", "m6g", "m6gd", "r6g", "r6gd"), _TO_16),
    **dict.fromkeys(("c6i", "c6in", "m6i", "r6i"), _TO_32),
    **dict.fromkeys(("c7i", "m7i", "r7i"), _TO_48),
    **dict.fromkeys(("c8g", "m8g", "r8g"), f"medium {_TO_48}"),
    "r7gd": f"medium {_TO_16}",
    "g4dn": "xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge",
    **dict.fromkeys(("g5", "g6", "g6e"), _GPU),
    **dict.fromkeys(("g7", "g7e"), _BIG_GPU),
    "p2": "xlarge 8xlarge 16xlarge",
    "p3": "2xlarge 8xlarge 16xlarge",
    **dict.fromkeys(("p4d", "p4de", "dl1"), "24xlarge"),
    "p5": "4xlarge 48xlarge",
    **dict.fromkeys(("p5e", "p5en", "p6-b200", "p6-b300", "trn2"), "48xlarge"),
    "p6e-gb200": "36xlarge",
    "inf1": "xlarge 2xlarge 6xlarge 24xlarge",
    "inf2": "xlarge 8xlarge 24xlarge 48xlarge",
    "trn1": "2xlarge 32xlarge",
    "trn1n": "32xlarge",
}

HOSTING: Final = tuple(f"ml.{family}.{size}" for family, sizes in _SIZES.items() for size in sizes.split())
"""Every type that an endpoint takes (SageMaker API, ProductionVariant, InstanceType)."""
TRANSFORM_FAMILIES: Final = (
    "c4", "c5", "c6i", "c7i", "g4dn", "g5", "g6", "g6e", "inf2", "m4", "m5", "m6i", "m7i", "p2", "p3", "r6i", "r7i",
    "trn1",
)  # fmt: skip
"""Families that a transform job takes (SageMaker API, TransformResources, InstanceType)."""

_VCPUS: Final[Mapping[str, int]] = {"medium": 1, "large": 2, "xlarge": 4}
_VCPUS_BY_TYPE: Final[Mapping[str, int]] = {"ml.t2.medium": 2, "ml.c4.8xlarge": 36}
_VCPUS_PER_XLARGE: Final = 4
"""EC2 user guide, instance types: the size says the CPUs, with these two exceptions."""
_LOCAL_DISK: Final = frozenset(
    {"g4dn", "g5", "g6", "g6e", "g7", "g7e", "dl1", "trn1", "trn1n", "trn2", "p5", "p5e", "p5en"}
    | {"p6-b200", "p6-b300", "p6e-gb200", "p4d", "p4de", "m5d", "r5d", "c5d", "c6gd", "m6gd", "r6gd", "r7gd"}
)


def vcpus(instance: str) -> int:
    """How many CPUs an instance has. SageMaker's CPUUtilization is their sum: 400 percent is all of four."""
    size = instance.rpartition(".")[2]
    if instance in _VCPUS_BY_TYPE:
        return _VCPUS_BY_TYPE[instance]
    return _VCPUS[size] if size in _VCPUS else _VCPUS_PER_XLARGE * int(size.removesuffix("xlarge"))


def family(instance: str) -> str:
    """`m5` of `ml.m5.large`."""
    return instance.split(".")[1]


def has_local_disk(instance: str) -> bool:
    """Whether its disks are its own: its hardware encrypts them, and SageMaker refuses a key of ours for them."""
    return family(instance) in _LOCAL_DISK
