"""AWS partitions: the first part of ARNs, and the domain that names end with."""

from typing import Final

_BY_REGION_PREFIX: Final = {"cn-": ("aws-cn", "amazonaws.com.cn"), "us-gov-": ("aws-us-gov", "amazonaws.com")}
_COMMERCIAL: Final = ("aws", "amazonaws.com")


def partition_of(region: str) -> tuple[str, str]:
    """The partition of a region and its DNS suffix."""
    for prefix, partition in _BY_REGION_PREFIX.items():
        if region.startswith(prefix):
            return partition
    return _COMMERCIAL
