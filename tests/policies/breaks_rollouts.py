"""What disturbs a rollout that is open, and what brings back the version that one took back."""

import copy
from collections.abc import Callable, Mapping
from typing import Final

from policies import kinds
from stacks.standards import Tier
from tests.policies.breaks import Break, put, without
from tests.policies.draft import Change, Draft, Json
from tests.policies.golden import FARGATE, STACK, UNKNOWN, good
from tests.policies.golden_endpoint import NAME as MODEL
from tests.policies.golden_web import EXPRESS, RUNNER, with_web

ROLLOUT: Final = f"{FARGATE}-rollout"
TAKEN: Final = f"{FARGATE}-taken-back"
CANDIDATE: Final = "arn:aws:ecs:eu-west-1:111122223333:task-definition/prod-news-api:8"
LIVE: Final = CANDIDATE.replace(":8", ":7")
TARGET: Final[Mapping[str, Json]] = {
    "driver": "balancer",
    "service": FARGATE,
    "compute": "fargate",
    "route": "/news/*",
    "revision": CANDIDATE,
    "image": "sha256:02",
    "alarms": ["prod-news-api-5xx"],
    "gates": {"detect": 2},
    "rule": "arn:rule/1",
    "groups": {"blue": "arn:group/blue", "green": "arn:group/green"},
    "steps": [5, 25, 50, 100],
    "stepMinutes": 5,
}


def rolling(tier: Tier) -> Draft:
    """The good environment, with a rollout of the container service between two steps."""
    draft = good(tier)
    _open(draft, FARGATE, now={**TARGET}, was={**TARGET}, candidate=CANDIDATE)
    return draft


def building(tier: Tier) -> Draft:
    """The same in its first phase: what is built differs from what is live in all that a version brings along."""
    draft = good(tier)
    was = {**TARGET, "revision": LIVE, "image": "sha256:01"}
    now = {**TARGET, "revision": UNKNOWN, "steps": [50, 100], "stepMinutes": 1, "gates": {"detect": 3}}
    _open(draft, FARGATE, now=now, was=was, candidate="")
    return draft


def _open(draft: Draft, parent: str, **facts: Json) -> None:
    about: dict[str, Json] = {
        "id": "r-1",
        "stack": "prod",
        "service": FARGATE,
        "phase": "stepping",
        "live": LIVE,
        "weight": 25,
        "since": "2026-07-01T08:00:00+00:00",
        "actor": "ann",
    }
    draft.add(ROLLOUT, kinds.OPEN_ROLLOUT, parent, **about, **{key: copy.deepcopy(fact) for key, fact in facts.items()})


def left_alone(draft: Draft) -> None:
    """The service is gone from the stack file, so that its rollout stands below the stack."""
    draft.drop(ROLLOUT)
    _open(draft, STACK, was={**TARGET}, candidate=CANDIDATE)


def another_image(draft: Draft) -> None:
    draft.set(ROLLOUT, "now.image", "sha256:03")
    draft.set(ROLLOUT, "now.revision", UNKNOWN)


def mended(tier: Tier) -> Draft:
    """The good environment, where a rollout of the container service took a version back that was mended since."""
    draft = good(tier)
    _took_back(draft, FARGATE, revision=LIVE.replace(":7", ":9"))
    return draft


def mended_model(tier: Tier) -> Draft:
    """The same of the endpoint, with nothing in `onramp:images` that would tell its versions apart."""
    draft = good(tier)
    _took_back(draft, MODEL, candidate="churn-2", live="churn-1", release="", revision=UNKNOWN)
    return draft


def mended_web(tier: Tier) -> Draft:
    """The same of web services, whose versions are addresses of images."""
    draft = with_web(tier)
    for service in (RUNNER, EXPRESS):
        live, candidate, revision = (f"registry/{service}@sha256:0{number}" for number in (1, 2, 3))
        _took_back(draft, service, live=live, former="sha256:01", candidate=candidate, revision=revision)
    return draft


def _took_back(draft: Draft, service: str, **facts: Json) -> None:
    about: dict[str, Json] = {
        "id": "r-1",
        "stack": "prod",
        "service": service,
        "live": LIVE,
        "former": "",
        "candidate": CANDIDATE,
        "release": "sha256:02",
        "why": "5xx: worse: of the new version 12 of 596 (2.01 %) failed",
        "ended": "2026-06-30T08:00:00+00:00",
        "actor": "ann",
    }
    draft.add(f"{service}-taken-back", kinds.TAKEN_BACK, service, **{**about, **facts})


def comes_back(service: str) -> Change:
    """The program builds what was taken back."""
    name = f"{service}-taken-back"
    return lambda draft: draft.set(name, "revision", draft.get(name, "candidate"))


def _brings_back(
    change: Change, tier: Tier = "prod", service: str = FARGATE, start: Callable[[Tier], Draft] = mended
) -> Break:
    return Break("taken-back-version-stays-out", service, change, tier, start)


def _disturbs(change: Change, tier: Tier = "prod") -> Break:
    return Break("open-rollout-undisturbed", FARGATE, change, tier, rolling)


def _disturbs_the_build(change: Change) -> Break:
    return Break("open-rollout-undisturbed", FARGATE, change, "prod", building)


BREAKS_ROLLOUTS = (
    _disturbs(another_image),
    Break("open-rollout-undisturbed", None, left_alone, "prod", rolling),
    _disturbs(without(ROLLOUT, "now")),
    _disturbs(put(ROLLOUT, "now.revision", UNKNOWN)),
    _disturbs(put(ROLLOUT, "now.revision", LIVE)),
    _disturbs(put(ROLLOUT, "now.driver", "ecs")),
    _disturbs(put(ROLLOUT, "now.route", "/other/*"), "dev"),
    _disturbs(put(ROLLOUT, "now.groups", UNKNOWN)),
    _disturbs(put(ROLLOUT, "now.rule", UNKNOWN)),
    _disturbs(put(ROLLOUT, "now.steps", [50, 100])),
    _disturbs(without(ROLLOUT, "now.stepMinutes")),
    _disturbs_the_build(put(ROLLOUT, "now.driver", "ecs")),
    _disturbs_the_build(put(ROLLOUT, "now.route", "/other/*")),
    _brings_back(comes_back(FARGATE)),
    _brings_back(comes_back(FARGATE), "dev"),
    _brings_back(put(TAKEN, "revision", UNKNOWN)),
    _brings_back(put(TAKEN, "revision", UNKNOWN), "staging"),
    _brings_back(comes_back(MODEL), service=MODEL, start=mended_model),
    _brings_back(comes_back(RUNNER), service=RUNNER, start=mended_web),
    _brings_back(comes_back(EXPRESS), service=EXPRESS, start=mended_web),
)
