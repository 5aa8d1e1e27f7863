"""What lets an endpoint go back: the alarm that stops it, and the old version, still there."""

from typing import Final

import pytest
from pulumi.runtime.proto import resource_pb2

from simulator.monitor import Monitor
from stacks import limits
from tests.components.conftest import graph_of, inputs, named, of, shared_graph, stack_text
from tests.components.test_endpoint import CHURN, MODEL

RELEASED: Final = {"churn": "12"}


def test_the_brake_stays_as_it_is_put_calls_nobody_and_is_there_before_the_endpoint() -> None:
    graph = shared_graph(stack_text(CHURN, images=RELEASED))
    brake = named(graph, "churn-delivery-brake")
    found = inputs(brake)
    assert "#brake" in str(found.pop("alarmDescription"))
    assert found == {
        "name": "dev-churn-brake",
        "namespace": "Onramp",
        "metricName": "Brake",
        "statistic": "Sum",
        "period": 60,
        "evaluationPeriods": 1,
        "comparisonOperator": "GreaterThanThreshold",
        "threshold": 0,
        "treatMissingData": "ignore",
    }
    assert brake.urn in named(graph, "churn-endpoint").dependencies


def test_what_sagemaker_does_not_guard_has_no_brake() -> None:
    services = f"""\
stepped: {{compute: sagemaker, {MODEL}, rollout: {{strategy: stepped}}}}
small: {{compute: sagemaker, form: serverless, {MODEL}}}
nightly: {{compute: sagemaker, form: batch, {MODEL}, batch: {{schedule: rate(1 day), input: s3://inbox/new/}}}}
{CHURN}
"""
    graph = shared_graph(stack_text(services, images=dict.fromkeys(("stepped", "small", "nightly", "churn"), "12")))
    assert [each.name for each in of(graph, "MetricAlarm") if each.name.endswith("-brake")] == ["churn-delivery-brake"]


def test_the_alarms_of_as_many_variants_as_there_may_be_and_the_brake_are_no_more_than_sagemaker_watches() -> None:
    _, most = limits.SAGEMAKER_VARIANTS
    variants = ", ".join(f"v{place}: {{weight: 1}}" for place in range(most))
    split = f"churn: {{compute: sagemaker, form: variants, {MODEL}, variants: {{{variants}}}}}"
    deployment = named(shared_graph(stack_text(split, images=RELEASED)), "churn-endpoint").inputs["deploymentConfig"]
    assert isinstance(deployment, dict)
    rollback = deployment["autoRollbackConfiguration"]
    assert isinstance(rollback, dict)
    alarms = rollback["alarms"]
    assert isinstance(alarms, list)
    assert {"alarmName": "dev-churn-brake"} in alarms
    assert len(alarms) == 2 * most + 1 <= limits.SAGEMAKER_ROLLBACK_ALARMS_MAX


def test_what_a_rollout_may_go_back_to_stays_in_aws_even_in_dev(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: set[str] = set()
    take = Monitor.RegisterResource

    def noting(
        monitor: Monitor, request: resource_pb2.RegisterResourceRequest
    ) -> resource_pb2.RegisterResourceResponse:
        kept.update([request.name] if request.retainOnDelete else [])
        return take(monitor, request)

    monkeypatch.setattr(Monitor, "RegisterResource", noting)
    graph_of(stack_text(CHURN, images=RELEASED))
    assert kept == {"dev-churn-model", "dev-churn-config"}
