"""What is watched of an endpoint, variant by variant (seed 000 section 8.4), and of many models in one container."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from components.signals.alarm import MINUTE, Alarm, Dimensions, Metric
from components.signals.widget import Widget
from stacks.instances import vcpus
from stacks.models import Alarms, EndpointSpec
from stacks.models.endpoint import MAIN, Form
from stacks.source import Json
from stacks.standards import ALARM_CONCURRENCY_PERCENT, ALARM_MODEL_CACHE_PERCENT

REQUESTS: Final = "AWS/SageMaker"
INSTANCES: Final = "/aws/sagemaker/Endpoints"
MICROSECONDS: Final = 1_000
"""In a millisecond: SageMaker measures latencies in microseconds."""
_PERCENT: Final = 100
_SUSTAINED_MINUTES: Final = 3
_OUTGROWN_MINUTES: Final = 15
"""Our own: autoscaling adds instances within minutes; when the load is still too high, it has no more to add."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Watched:
    """One variant of one endpoint. `cpus` and `load` (requests per minute and instance) are None without instances."""

    endpoint: str
    variant: str
    form: Form
    cpus: int | None
    load: int | None

    @property
    def prefix(self) -> str:
        """What tells its alarms from those of other variants."""
        return "" if self.variant == MAIN else f"{self.variant}-"

    @property
    def of_variant(self) -> Dimensions:
        """The dimensions of all its metrics."""
        return {"EndpointName": self.endpoint, "VariantName": self.variant}


def watched(spec: EndpointSpec, endpoint: str) -> Sequence[Watched]:
    """The variants of an endpoint."""
    return [
        Watched(
            endpoint=endpoint,
            variant=variant,
            form=spec.form,
            cpus=vcpus(instance) if (instance := spec.instance_of(variant)) is not None else None,
            load=spec.scaling.invocations_per_instance if spec.scaling is not None else None,
        )
        for variant in spec.by_variant
    ]


def alarms(limits: Alarms, each: Watched) -> list[Alarm]:
    """Errors and latency of a variant, which end a deployment, and what it runs short of."""
    return [*_answers(limits, each), *_supply(limits, each), *_models(limits, each)]


def _metric(each: Watched, name: str, stat: str, *, id_: str = "m", space: str = REQUESTS, period: int = 300) -> Metric:
    return Metric(id=id_, namespace=space, name=name, dimensions=each.of_variant, stat=stat, period=period)


def _answers(limits: Alarms, each: Watched) -> Iterator[Alarm]:
    yield Alarm(
        key=f"{each.prefix}errors",
        summary=f"the model fails in {_SUSTAINED_MINUTES} minutes in a row",
        metrics=[_metric(each, "Invocation5XXErrors", "Sum", period=MINUTE)],
        threshold=0,
        periods=_SUSTAINED_MINUTES,
        symptom="application",
        rollback=True,
    )
    yield Alarm(
        key=f"{each.prefix}latency",
        summary=f"p99 of the model's time above {limits.latency_p99_ms} ms",
        metrics=[_metric(each, "ModelLatency", "p99")],
        threshold=limits.latency_p99_ms * MICROSECONDS,
        periods=2,
        symptom="application",
        rollback=True,
    )
    yield Alarm(
        key=f"{each.prefix}overhead",
        summary=f"SageMaker adds more than {limits.overhead_ms} ms to the model's time",
        metrics=[_metric(each, "OverheadLatency", "Average")],
        threshold=limits.overhead_ms * MICROSECONDS,
        periods=2,
        symptom="infrastructure",
    )


def _supply(limits: Alarms, each: Watched) -> Iterator[Alarm]:
    yield Alarm(
        key=f"{each.prefix}memory",
        summary=f"memory above {limits.memory_percent} %",
        metrics=[_metric(each, "MemoryUtilization", "Average", space=INSTANCES)],
        threshold=limits.memory_percent,
        periods=2,
        symptom="infrastructure",
    )
    if each.cpus is None or each.load is None:
        yield Alarm(
            key=f"{each.prefix}concurrency",
            summary=f"more than {ALARM_CONCURRENCY_PERCENT} % of the requests that may run at once do",
            metrics=[_metric(each, "ServerlessConcurrentExecutionsUtilization", "Maximum")],
            threshold=ALARM_CONCURRENCY_PERCENT / _PERCENT,
            symptom="infrastructure",
        )
        return
    yield Alarm(
        key=f"{each.prefix}cpu",
        summary=f"CPU above {limits.cpu_percent} %",
        metrics=[_metric(each, "CPUUtilization", "Average", id_="cpu", space=INSTANCES)],
        # The metric is the sum of all CPUs: 400 percent is all of four.
        expression=f"cpu / {each.cpus}",
        threshold=limits.cpu_percent,
        periods=2,
        symptom="infrastructure",
    )
    yield Alarm(
        key=f"{each.prefix}load",
        summary=f"more than {each.load} requests a minute and instance for {_OUTGROWN_MINUTES} minutes",
        metrics=[_metric(each, "InvocationsPerInstance", "Sum", period=MINUTE)],
        threshold=each.load,
        periods=_OUTGROWN_MINUTES,
        symptom="infrastructure",
    )


def _models(limits: Alarms, each: Watched) -> Iterator[Alarm]:
    """Of many models in one container: how long a request waits for its model, and how often it need not."""
    if each.form != "multi-model":
        return
    yield Alarm(
        key=f"{each.prefix}model-loading",
        summary=f"requests wait more than {limits.latency_p99_ms} ms for their model to load",
        metrics=[_metric(each, "ModelLoadingWaitTime", "Average")],
        threshold=limits.latency_p99_ms * MICROSECONDS,
        periods=2,
        symptom="infrastructure",
    )
    yield Alarm(
        key=f"{each.prefix}model-cache",
        summary=f"fewer than {ALARM_MODEL_CACHE_PERCENT} % of the requests find their model loaded",
        metrics=[_metric(each, "ModelCacheHit", "Average")],
        threshold=ALARM_MODEL_CACHE_PERCENT / _PERCENT,
        comparison="LessThanThreshold",
        periods=3,
        symptom="infrastructure",
    )


def widgets(each: Watched) -> list[Widget]:
    """Latency, traffic, errors and saturation of a variant."""
    of = f" of {each.variant}" if each.prefix else ""

    def row(metric: str, stat: str, space: str = REQUESTS) -> Json:
        return [space, metric, "EndpointName", each.endpoint, "VariantName", each.variant, {"stat": stat}]

    latency = [row("ModelLatency", stat) for stat in ("Average", "p90", "p99")]
    short = [row("MemoryUtilization", "Average", INSTANCES)]
    short += [row("CPUUtilization", "Average", INSTANCES)] if each.cpus is not None else []
    found = [
        Widget(title=f"Latency{of} (microseconds)", metrics=[*latency, row("OverheadLatency", "Average")]),
        Widget(title=f"Traffic{of} (requests a minute)", metrics=[row("Invocations", "Sum")]),
        Widget(
            title=f"Errors{of} (requests a minute)",
            metrics=[row("Invocation5XXErrors", "Sum"), row("Invocation4XXErrors", "Sum")],
        ),
        Widget(title=f"Saturation{of} (percent, CPU of all cores)", metrics=short),
    ]
    if each.form == "multi-model":
        found += [
            Widget(title="Models in memory", metrics=[row("LoadedModelCount", "Average", INSTANCES)]),
            Widget(title="Waiting for models (microseconds)", metrics=[row("ModelLoadingWaitTime", "Average")]),
            Widget(title="Models found in memory (share)", metrics=[row("ModelCacheHit", "Average")]),
        ]
    return found
