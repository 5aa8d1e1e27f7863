"""The defaults of dev, staging and prod, side by side: what a stack file does not write comes from here.

Values are spelled as in a stack file. A compute type's defaults are those of its tier and `COMMON` together; a written
value replaces only itself, so `scaling: {max: 20}` keeps the tier's `min`.
"""

from collections.abc import Mapping
from typing import Final

from stacks.source import Json
from stacks.standards import LOG_RETENTION_DAYS, TIERS, TRACE_SAMPLING_PERCENT, Tier

ENVIRONMENT: Final[Mapping[Tier, Json]] = {
    "dev": {"network": {"natPerZone": False}, "firewall": False, "probes": False, "budgetUsd": 75},
    "staging": {"network": {"natPerZone": False}, "firewall": True, "probes": False, "budgetUsd": 150},
    "prod": {"network": {"natPerZone": True}, "firewall": True, "probes": True, "budgetUsd": 500},
}
"""Budgets: seed 004 alarms at 75 USD a month for one small service; staging has twice that, prod room for several."""

COMMON: Final[Mapping[Tier, Json]] = {
    tier: {
        "telemetry": {"retentionDays": LOG_RETENTION_DAYS[tier], "samplingPercent": TRACE_SAMPLING_PERCENT[tier]},
        "discovery": {},
        "alarms": {},
    }
    for tier in TIERS
}

FARGATE: Final[Mapping[Tier, Json]] = {
    "dev": {
        "cpu": 256,
        "memory": 512,
        "scaling": {"min": 1, "max": 2},
        "rollout": {"strategy": "rolling", "bakeMinutes": 5},
        "health": {},
    },
    "staging": {
        "cpu": 256,
        "memory": 512,
        "scaling": {"min": 1, "max": 4},
        "rollout": {"strategy": "blue-green", "bakeMinutes": 5},
        "health": {},
    },
    "prod": {
        "cpu": 256,
        "memory": 512,
        "scaling": {"min": 2, "max": 10},
        "rollout": {"strategy": "blue-green", "bakeMinutes": 15},
        "health": {},
    },
}

LAMBDA: Final[Mapping[Tier, Json]] = {
    "dev": {
        "memory": 1024,
        "timeout": 30,
        "scaling": {"max": 5},
        "rollout": {"strategy": "all-at-once"},
        "health": {},
        "async": {},
    },
    "staging": {
        "memory": 1024,
        "timeout": 30,
        "scaling": {"max": 10},
        "rollout": {"strategy": "linear", "percent": 10, "intervalMinutes": 1},
        "health": {},
        "async": {},
    },
    "prod": {
        "memory": 1024,
        "timeout": 30,
        "scaling": {"max": 50},
        "rollout": {"strategy": "canary", "percent": 10, "intervalMinutes": 5},
        "health": {},
        "async": {},
    },
}

_ENDPOINT: Final[dict[str, Json]] = {"instance": "ml.m5.large", "health": {}, "isolated": True}
SAGEMAKER: Final[Mapping[Tier, Json]] = {
    "dev": {
        **_ENDPOINT,
        "scaling": {"min": 1, "max": 2},
        "serverless": {"memory": 2048, "concurrency": 5},
        "capture": {"percent": 100},
        "rollout": {"strategy": "all-at-once", "intervalMinutes": 0},
    },
    "staging": {
        **_ENDPOINT,
        "scaling": {"min": 1, "max": 2},
        "serverless": {"memory": 2048, "concurrency": 10},
        "capture": {"percent": 100},
        "rollout": {"strategy": "all-at-once", "intervalMinutes": 5},
    },
    "prod": {
        **_ENDPOINT,
        "scaling": {"min": 2, "max": 4},
        "serverless": {"memory": 2048, "concurrency": 20},
        "capture": {"percent": 10},
        "rollout": {"strategy": "canary", "percent": 50, "intervalMinutes": 10, "terminationMinutes": 5},
    },
}
"""Each form takes the blocks that it has (stacks/models/endpoint.py, BLOCKS)."""

_WEB_SCALING: Final[Mapping[Tier, Json]] = {
    "dev": {"min": 1, "max": 2},
    "staging": {"min": 1, "max": 4},
    "prod": {"min": 2, "max": 10},
}

APPRUNNER: Final[Mapping[Tier, Json]] = {
    tier: {
        "cpu": 256,
        "memory": 512,
        "scaling": scaling,
        "health": {},
        "rollout": {"strategy": "approved"},
        "discovery": {"serviceConnect": False},
    }
    for tier, scaling in _WEB_SCALING.items()
}

EXPRESS: Final[Mapping[Tier, Json]] = {
    tier: {
        "cpu": 256,
        "memory": 512,
        "scaling": scaling,
        "health": {},
        "discovery": {"serviceConnect": False},
    }
    for tier, scaling in _WEB_SCALING.items()
}

COMPUTE: Final[Mapping[str, Mapping[Tier, Json]]] = {
    "fargate": FARGATE,
    "lambda": LAMBDA,
    "sagemaker": SAGEMAKER,
    "apprunner": APPRUNNER,
    "express": EXPRESS,
}
