"""Waivers that are not in order."""

from typing import Final

from tests.policies.breaks import Break, put
from tests.policies.draft import Change, Json
from tests.policies.golden import FARGATE, LAMBDA

FOUNDATION: Final = "base"


def waiver(rule: str, **other: str) -> dict[str, Json]:
    """A waiver in order on 2026-07-01, whatever its rule, unless `other` says otherwise."""
    return {
        "rule": rule,
        "reason": "the vendor mends it in the next release",
        "owner": "news",
        "approver": "security",
        "ticket": "NEWS-7",
        "expires": "2026-07-31",
        **other,
    }


def waive(place: str, rule: str, **other: str) -> Change:
    return put(place, "waive", [waiver(rule, **other)])


BREAKS_WAIVERS = (
    Break("waiver-expired", FARGATE, waive(FARGATE, "dashboard", expires="2026-06-30")),
    Break("waiver-expired", FARGATE, waive(FARGATE, "dashboard", expires="soon")),
    Break("waiver-expired", LAMBDA, waive(LAMBDA, "dashboard", expires="2026-06-30"), "dev"),
    Break("waiver-expired", None, waive(FOUNDATION, "access-analyzer", expires="2020-01-01")),
    Break("waiver-expired", FARGATE, waive(FARGATE, "no-such-rule", expires="2026-06-30")),
    Break("waiver-self-approved", FARGATE, waive(FARGATE, "dashboard", approver="news")),
    Break("waiver-self-approved", FARGATE, waive(FARGATE, "dashboard", approver=" News")),
    Break("waiver-self-approved", FARGATE, waive(FARGATE, "dashboard", approver="")),
    Break("waiver-self-approved", None, waive(FOUNDATION, "access-analyzer", approver="news"), "staging"),
    Break("waiver-too-long", FARGATE, waive(FARGATE, "no-public-ip", expires="2026-08-01")),
    Break("waiver-too-long", FARGATE, waive(FARGATE, "service-in-network", expires="2026-08-31")),
    Break("waiver-too-long", FARGATE, waive(FARGATE, "log-retention", expires="2026-09-30")),
    Break("waiver-too-long", FARGATE, waive(FARGATE, "dashboard", expires="2026-12-29")),
    Break("waiver-too-long", None, waive(FOUNDATION, "access-analyzer", expires="2027-07-01")),
    Break("waiver-unused", FARGATE, waive(FARGATE, "dashboard")),
    Break("waiver-unused", FARGATE, waive(FARGATE, "no-public-ip", expires="2026-07-31")),
    Break("waiver-unused", FARGATE, waive(FARGATE, "service-in-network", expires="2026-08-30")),
    Break("waiver-unused", FARGATE, waive(FARGATE, "log-retention", expires="2026-09-29")),
    Break("waiver-unused", FARGATE, waive(FARGATE, "dashboard", expires="2026-12-28")),
    Break("waiver-unused", FARGATE, waive(FARGATE, "dashboard", expires="2026-07-01")),
    Break("waiver-unused", FARGATE, waive(FARGATE, "dashbord")),
    Break("waiver-unused", FARGATE, waive(FARGATE, "waiver-unused")),
    Break("waiver-unused", None, waive(FOUNDATION, "access-analyzer")),
)
