"""What is paid although nobody uses it, by type of resource; the numbers are those of the price table."""

import pytest

from onramp.cost import Cost, monthly_cost, prices
from simulator.graph import Json, Resource

HOURS = prices()["hours_per_month"]


def resource(kind: str, **inputs: Json) -> Resource:
    return Resource(
        urn=kind,
        type=kind,
        name=kind,
        parent="",
        custom=True,
        inputs=inputs,
        dependencies=(),
        property_dependencies={},
        protect=False,
        source=None,
    )


def amounts(cost: Cost) -> dict[str, tuple[int, float | None]]:
    return {line.what: (line.count, line.usd) for line in cost.lines}


def test_tasks_cost_their_size_as_often_as_they_always_run() -> None:
    found = monthly_cost(
        [
            resource("aws:ecs/taskDefinition:TaskDefinition", cpu="1024", memory="2048"),
            resource("aws:appautoscaling/target:Target", serviceNamespace="ecs", minCapacity=2),
            resource("aws:ecs/service:Service", desiredCount=1),
        ]
    )
    hourly = (0.04048 + 2 * 0.004445) * 0.8
    assert amounts(found) == {"Fargate tasks": (2, pytest.approx(2 * hourly * HOURS))}


def test_a_standby_in_another_zone_is_paid_like_the_first() -> None:
    one = resource("aws:rds/instance:Instance", instanceClass="db.t4g.medium", allocatedStorage=20)
    two = resource("aws:rds/instance:Instance", instanceClass="db.t4g.medium", allocatedStorage=20, multiAz=True)
    assert monthly_cost([two]).total == pytest.approx(2 * monthly_cost([one]).total)
    assert monthly_cost([one]).total == pytest.approx(0.065 * HOURS + 20 * 0.115)


def test_an_endpoint_costs_its_instances_and_a_serverless_variant_nothing() -> None:
    variants: list[Json] = [
        {"instanceType": "ml.m5.large", "initialInstanceCount": 2},
        {"serverlessConfig": {"memorySizeInMb": 2048, "maxConcurrency": 5}},
    ]
    found = monthly_cost(
        [resource("aws:sagemaker/endpointConfiguration:EndpointConfiguration", productionVariants=variants)]
    )
    assert amounts(found) == {"endpoint instances": (2, pytest.approx(2 * 0.115 * HOURS))}


def test_a_size_that_has_no_price_is_named_and_not_guessed() -> None:
    variants: list[Json] = [{"instanceType": "ml.p5.48xlarge", "initialInstanceCount": 1}]
    found = monthly_cost(
        [resource("aws:sagemaker/endpointConfiguration:EndpointConfiguration", productionVariants=variants)]
    )
    assert amounts(found) == {"endpoint instances": (1, None)}
    assert found.total == 0


def test_app_runner_costs_the_memory_that_waits() -> None:
    found = monthly_cost(
        [
            resource("aws:apprunner/autoScalingConfigurationVersion:AutoScalingConfigurationVersion", minSize=2),
            resource("aws:apprunner/service:Service", instanceConfiguration={"cpu": "1024", "memory": "2048"}),
        ]
    )
    assert amounts(found) == {"App Runner instances": (2, pytest.approx(2 * 2 * 0.007 * HOURS))}


def test_aurora_costs_its_least_capacity_for_each_instance() -> None:
    cluster = resource(
        "aws:rds/cluster:Cluster", serverlessv2ScalingConfiguration={"minCapacity": 0.5, "maxCapacity": 4}
    )
    instance = resource("aws:rds/clusterInstance:ClusterInstance")
    assert monthly_cost([cluster, instance]).total == pytest.approx(0.5 * 0.12 * HOURS)


def test_warm_executions_cost_their_memory_all_the_time() -> None:
    found = monthly_cost(
        [
            resource("aws:lambda/function:Function", memorySize=1024),
            resource("aws:appautoscaling/target:Target", serviceNamespace="lambda", minCapacity=5),
            resource(
                "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
                provisionedConcurrentExecutions=5,
            ),
        ]
    )
    assert found.total == pytest.approx(5 * 0.0000033334 * HOURS * 3600)


def test_a_probe_costs_its_runs_and_a_web_acl_its_rules() -> None:
    found = monthly_cost(
        [
            resource("aws:synthetics/canary:Canary", schedule={"expression": "rate(5 minutes)"}),
            resource("aws:wafv2/webAcl:WebAcl", rules=[{"name": "a"}, {"name": "b"}]),
        ]
    )
    assert amounts(found) == {
        "probes": (1, pytest.approx(730 * 12 * 0.0012)),
        "web ACLs": (1, pytest.approx(7.0)),
    }


def test_what_costs_only_when_it_is_used_has_no_line() -> None:
    assert monthly_cost([resource("aws:sqs/queue:Queue"), resource("aws:dynamodb/table:Table")]).lines == ()
