"""The defaults of dev, staging and prod, side by side: what a stack file does not write comes from here.

Values are spelled as in a stack file. A compute type's defaults are those of its tier and `COMMON` together; a written
value replaces only itself, so `scaling: {max: 20}` keeps the tier's `min`.
"""

from collections.abc import Mapping
from typing import Final

from stacks.source import Json
from stacks.standards import LOG_RETENTION_DAYS, TIERS, TRACE_SAMPLING_PERCENT, Tier

ENVIRONMENT: Final[Mapping[Tier, Json]] = {
    "dev": {"network": {"natPerZone": False}},
    "staging": {"network": {"natPerZone": False}},
    "prod": {"network": {"natPerZone": True}},
}

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
    },
    "staging": {
        "memory": 1024,
        "timeout": 30,
        "scaling": {"max": 10},
        "rollout": {"strategy": "linear", "percent": 10, "intervalMinutes": 1},
        "health": {},
    },
    "prod": {
        "memory": 1024,
        "timeout": 30,
        "scaling": {"max": 50},
        "rollout": {"strategy": "canary", "percent": 10, "intervalMinutes": 5},
        "health": {},
    },
}

COMPUTE: Final[Mapping[str, Mapping[Tier, Json]]] = {"fargate": FARGATE, "lambda": LAMBDA}
