"""The form of a rule: its metadata, its function over the graph, and what it may find."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, TypeAlias

from policies.graph import Graph, Resource, Service
from policies.values import Value
from policies.waivers import Waiver
from stacks.models import SERVICES
from stacks.standards import Tier

Level = Literal["mandatory", "advisory", "disabled"]
Severity = Literal["critical", "high", "medium", "low"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Levels:
    """How much a rule counts in each tier."""

    dev: Level
    staging: Level
    prod: Level

    def of(self, tier: Tier) -> Level:
        """The level in one tier."""
        levels: Mapping[Tier, Level] = {"dev": self.dev, "staging": self.staging, "prod": self.prod}
        return levels[tier]


ALWAYS: Final = Levels(dev="mandatory", staging="mandatory", prod="mandatory")
"""What is as dangerous in dev as in prod, and what AWS refuses in any tier."""
FROM_STAGING: Final = Levels(dev="advisory", staging="mandatory", prod="mandatory")
"""What the checklist asks, and every other high risk: dev advises where prod forbids."""
PROD_FORBIDS: Final = Levels(dev="advisory", staging="advisory", prod="mandatory")
"""What a stack file may have outside of prod."""
ADVICE: Final = Levels(dev="advisory", staging="advisory", prod="advisory")
"""Medium and low risks beyond the checklist: to be planned, not to be stopped for."""
ONLY_PROD: Final = Levels(dev="disabled", staging="disabled", prod="mandatory")
"""What the defaults of dev and staging leave out on purpose (stacks/tiers.py): advice against a default is noise."""

SUPPORTED: Final = tuple(SERVICES)
"""All compute types."""
CONTAINERS: Final = ("fargate",)
FUNCTIONS: Final = ("lambda",)
ENDPOINTS: Final = ("sagemaker",)
RUNNERS: Final = ("apprunner",)
EXPRESS: Final = ("express",)
WEB: Final = (*RUNNERS, *EXPRESS)
"""Web services that AWS fronts with a load balancer of its own."""
DECLARING: Final = tuple(compute for compute in SUPPORTED if compute not in RUNNERS)
"""Those that log where they are told to."""
IN_SUBNETS: Final = tuple(compute for compute in SUPPORTED if compute not in WEB)
"""Those whose workload itself has subnets and security groups that are the service's alone."""
ROUTED: Final = (*CONTAINERS, *FUNCTIONS)
"""Those that a load balancer or the HTTP API of the environment sends requests to."""
PROCESSES: Final = (*CONTAINERS, *FUNCTIONS, *WEB)
"""Those that run a process of ours, which can send traces and metrics."""
WITH_IMAGES: Final = (*CONTAINERS, *ENDPOINTS, *WEB)
"""Those whose images are pushed to a repository of the service."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fail:
    """The rule is broken: on which resource, at which input, in which way. No resource means the service as a whole."""

    message: str
    resource: Resource | None = None
    path: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Undecided:
    """The graph cannot tell, and why."""

    because: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NotApplicable:
    """There is nothing that the rule could ask about, and why."""

    because: str


Outcome: TypeAlias = Fail | Undecided | NotApplicable
"""What a rule may find; finding nothing means that it holds."""

ServiceCheck: TypeAlias = Callable[[Service, Graph], Iterator[Outcome]]
StackCheck: TypeAlias = Callable[[Graph], Iterator[Outcome]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Meta:
    """What people read about a rule.

    `item` is the checklist item it decides, if any; `title` is a true sentence when the rule holds; `levels` say how
    much it counts in each tier; `applies` are the compute types it is asked of, none meaning any.
    """

    id: str
    item: str | None
    title: str
    why: str
    fix: str
    severity: Severity
    url: str
    levels: Levels = FROM_STAGING
    frameworks: tuple[str, ...] = ()
    applies: tuple[str, ...] = SUPPORTED

    def concerns(self, compute: str) -> bool:
        """Whether it is asked of services of this compute type."""
        return not self.applies or compute in self.applies


@dataclass(frozen=True, slots=True)
class ByTier:
    """The value of a remedy where tiers differ."""

    values: Mapping[Tier, Value]


@dataclass(frozen=True, slots=True)
class Stated:
    """The value of a remedy that the service states itself, at this path of its component."""

    path: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Remedy:
    """The one right value of an input, for whoever lets the pack mend what breaks a rule.

    `types` are the resource types that have the input; `path` is where a failure of the rule says it stands, `*` for
    what differs (fnmatch); `not_for` are the compute types whose services have another right value.
    """

    types: tuple[str, ...]
    path: str
    value: "Value | ByTier | Stated"
    not_for: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ServiceRule:
    """A rule that is asked of each service."""

    meta: Meta
    check: ServiceCheck
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class StackRule:
    """A rule that is asked once of the stack; what it finds counts for the service of the resource, or for all.

    A rule `about` certain types says nothing of services that have none of them.
    """

    meta: Meta
    check: StackCheck
    about: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AttestedRule:
    """A rule that only a dated statement of people can satisfy."""

    meta: Meta


@dataclass(frozen=True, kw_only=True, slots=True)
class WaiverCase:
    """A waiver when all other rules have spoken.

    `meta` is the rule that it waives, None when there is none of that name; `is_used` says whether it covers a
    violation, or may, because its rule is undecided.
    """

    waiver: Waiver
    meta: Meta | None
    today: date
    is_used: bool

    def fail(self, message: str) -> Fail:
        """What is wrong with the waiver, where it is stated."""
        about = f"{self.waiver.rule} on {self.waiver.component}" if self.waiver.component else self.waiver.rule
        message = f"the waiver of {about}: {message}"
        return Fail(resource=self.waiver.place, path=self.waiver.path, message=message)


WaiverCheck: TypeAlias = Callable[[WaiverCase], Iterator[Fail]]


@dataclass(frozen=True, kw_only=True, slots=True)
class WaiverRule:
    """A rule that is asked of each waiver, last; what it finds cannot be waived."""

    meta: Meta
    check: WaiverCheck


Rule: TypeAlias = ServiceRule | StackRule | AttestedRule | WaiverRule


def service_rule(meta: Meta, *remedies: Remedy) -> Callable[[ServiceCheck], ServiceRule]:
    """Make a rule of a function over one service."""
    return lambda check: ServiceRule(meta=meta, check=check, remedies=remedies)


def stack_rule(meta: Meta, *remedies: Remedy, about: tuple[str, ...] = ()) -> Callable[[StackCheck], StackRule]:
    """Make a rule of a function over the whole graph."""
    return lambda check: StackRule(meta=meta, check=check, about=about, remedies=remedies)


def waiver_rule(meta: Meta) -> Callable[[WaiverCheck], WaiverRule]:
    """Make a rule of a function over one waiver."""
    return lambda check: WaiverRule(meta=meta, check=check)
