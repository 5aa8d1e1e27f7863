"""What a quota is, and what is known of one that does not hold."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Quota:
    """One quota of AWS: `default` is what an account has before any raise, within one `scope`."""

    name: str
    title: str
    default: int
    adjustable: bool
    scope: str
    source: str
    code: str = ""
    """AWS's own code in Service Quotas; empty where AWS does not list it there."""


@dataclass(frozen=True, kw_only=True, slots=True)
class BrokenQuota:
    """A quota that the stack needs more of than the account has."""

    name: str
    title: str
    wanted: int
    allowed: int
    adjustable: bool
    fix: str
