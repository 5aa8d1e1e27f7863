"""A container service that a schedule starts, and that ends."""

import pytest

from simulator.graph import UNKNOWN, Graph, Json
from tests.components.conftest import ACCOUNT, DIGEST, REGION, inputs, named, of, parsed, shared_graph, stack_text
from tests.components.test_fargate import containers, refers


@pytest.fixture(scope="session")
def nightly() -> Graph:
    """In prod, a task of every night that calls a service, one on Spot, and one that was never released."""
    services = """\
report: {compute: fargate, schedule: "cron(0 2 * * ? *)", calls: [user], secrets: [DATABASE_URL], publishes: [ready]}
sweep: {compute: fargate, schedule: rate(1 hour), spot: true}
later: {compute: fargate, schedule: rate(7 days)}
user: {compute: fargate, port: 80, discovery: {cloudMap: true}}
"""
    images = {"report": DIGEST, "sweep": DIGEST, "user": DIGEST}
    return shared_graph(stack_text(services, tier="prod", images=images))


def test_no_service_keeps_it_running_and_nothing_scales_it(nightly: Graph) -> None:
    kinds = (":Service", ":Target", ":Policy", ":TargetGroup", ":ListenerRule")
    assert {each.name for kind in kinds for each in of(nightly, kind, "report")} == set()


def test_the_schedule_starts_one_task_of_this_version(nightly: Graph) -> None:
    schedule = named(nightly, "report-ingress-schedule")
    assert inputs(schedule) == {
        "name": "prod-report",
        "groupName": "prod-report",
        "description": "Starts report",
        "scheduleExpression": "cron(0 2 * * ? *)",
        "scheduleExpressionTimezone": "UTC",
        "flexibleTimeWindow": {"mode": "OFF"},
        "state": "ENABLED",
        "target": {
            "arn": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/prod-services",
            "roleArn": UNKNOWN,
            "deadLetterConfig": {"arn": UNKNOWN},
            "retryPolicy": {"maximumEventAgeInSeconds": 3600, "maximumRetryAttempts": 2},
            "ecsParameters": {
                "taskDefinitionArn": UNKNOWN,
                "taskCount": 1,
                "platformVersion": "LATEST",
                "capacityProviderStrategies": [{"capacityProvider": "FARGATE", "base": 0, "weight": 1}],
                "networkConfiguration": {"assignPublicIp": False, "subnets": UNKNOWN, "securityGroups": [UNKNOWN]},
                "enableEcsManagedTags": True,
                "propagateTags": "TASK_DEFINITION",
            },
        },
    }
    assert {
        "prod-cluster-capacity",
        "report-ingress-schedule-dead",
        "report-ingress-schedule-role",
        "report-sg",
        "report-task-definition",
    } <= set(refers(nightly, schedule, "target"))


def test_on_spot_the_one_task_is_on_spot(nightly: Graph) -> None:
    target = named(nightly, "sweep-ingress-schedule").inputs["target"]
    assert isinstance(target, dict)
    assert isinstance(parameters := target["ecsParameters"], dict)
    assert parameters["capacityProviderStrategies"] == [{"capacityProvider": "FARGATE_SPOT", "base": 0, "weight": 1}]


def test_nothing_is_started_before_there_is_an_image(nightly: Graph) -> None:
    assert named(nightly, "later-ingress-schedule").inputs["state"] == "DISABLED"


def test_scheduler_may_start_this_task_in_this_cluster_and_nothing_else(nightly: Graph) -> None:
    trust = parsed(named(nightly, "report-ingress-schedule-role"), "assumeRolePolicy")
    assert trust == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "scheduler.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
            }
        ],
    }
    policy = parsed(named(nightly, "report-ingress-schedule-role-policy"), "policy")
    assert isinstance(policy, dict)
    ecs, role = f"arn:aws:ecs:{REGION}:{ACCOUNT}", f"arn:aws:iam::{ACCOUNT}:role/prod-report"
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:prod-report-schedule-dead"
    assert isinstance(policy["Statement"], list)
    *own, key = policy["Statement"]
    assert [each["Sid"] for each in (key,) if isinstance(each, dict)] == ["UseKeyData"]
    assert own == [
        {
            "Sid": "Start",
            "Effect": "Allow",
            "Action": ["ecs:RunTask"],
            "Resource": [f"{ecs}:task-definition/prod-report:*"],
            "Condition": {"ArnEquals": {"ecs:cluster": f"{ecs}:cluster/prod-services"}},
        },
        {
            "Sid": "Tag",
            "Effect": "Allow",
            "Action": ["ecs:TagResource"],
            "Resource": [f"{ecs}:task/prod-services/*"],
            "Condition": {"StringEquals": {"ecs:CreateAction": "RunTask"}},
        },
        {
            "Sid": "HandRoles",
            "Effect": "Allow",
            "Action": ["iam:PassRole"],
            "Resource": [f"{role}-start", f"{role}-task"],
            "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        },
        {"Sid": "PutAside", "Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": [queue]},
    ]
    names = [named(nightly, f"report-{kind}").inputs["name"] for kind in ("execution", "task")]
    assert names == ["prod-report-start", "prod-report-task"]


def test_a_task_that_ends_is_judged_by_how_it_ends(nightly: Graph) -> None:
    own = containers(nightly, "report")["report"]
    assert isinstance(own, dict)
    assert "healthCheck" not in own
    assert parsed(named(nightly, "report-delivery-failed"), "eventPattern") == {
        "source": ["aws.ecs"],
        "detail-type": ["ECS Task State Change"],
        "detail": {
            "clusterArn": [f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/prod-services"],
            "group": ["family:prod-report"],
            "lastStatus": ["STOPPED"],
            "$or": [
                {"containers": {"name": ["report"], "exitCode": [{"anything-but": [0]}]}},
                {"stopCode": ["TaskFailedToStart", "SpotInterruption"]},
            ],
        },
    }
    assert named(nightly, "report-delivery-failed").inputs["name"] == "prod-report-run-failed"


def test_starts_runs_memory_and_dead_letters_are_watched(nightly: Graph) -> None:
    found = {str(each.inputs["name"]): each.inputs for each in of(nightly, ":MetricAlarm", "sweep")}
    assert set(found) == {f"prod-sweep-{key}" for key in ("memory", "start-errors", "run-failed", "schedule-dead")}

    def watched(key: str) -> tuple[Json, Json, Json]:
        alarm = found[f"prod-sweep-{key}"]
        return alarm["metricName"], alarm["dimensions"], alarm["threshold"]

    assert watched("start-errors") == ("TargetErrorCount", {"ScheduleGroup": "prod-sweep"}, 0)
    assert watched("run-failed") == ("TriggeredRules", {"RuleName": "prod-sweep-run-failed"}, 0)
    dead = ("ApproximateNumberOfMessagesVisible", {"QueueName": "prod-sweep-schedule-dead"}, 0)
    assert watched("schedule-dead") == dead


def test_it_calls_by_cloud_map_because_service_connect_is_not_for_it(nightly: Graph) -> None:
    own = containers(nightly, "report")["report"]
    assert isinstance(own, dict)
    assert isinstance(variables := own["environment"], list)
    found = {"name": "ONRAMP_CALL_USER", "value": "http://user.prod.example.internal:80"}
    assert found in variables
