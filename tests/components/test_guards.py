"""What guards an environment: the firewall before what is public, and who hears what it costs."""

import pytest

from simulator.graph import Graph, Json
from stacks.standards import FIREWALL_GROUPS
from tests.components.conftest import (
    ACCOUNT,
    REGION,
    graph_of,
    inputs,
    named,
    of,
    parsed,
    shared_graph,
    stack_text,
)
from tests.components.test_fargate import refers

TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:prod-paging"


@pytest.fixture(scope="module")
def prod() -> Graph:
    return shared_graph(stack_text("", tier="prod"))


def rules(graph: Graph) -> list[dict[str, Json]]:
    found = named(graph, "prod-firewall-acl").inputs["rules"]
    assert isinstance(found, list)
    return [rule for rule in found if isinstance(rule, dict)]


def test_the_firewall_blocks_whoever_asks_too_often_before_it_looks_at_anything(prod: Graph) -> None:
    first = rules(prod)[0]
    assert {key: first[key] for key in ("priority", "action", "statement")} == {
        "priority": 0,
        "action": {"block": {}},
        "statement": {"rateBasedStatement": {"aggregateKeyType": "IP", "limit": 2000, "evaluationWindowSec": 300}},
    }


def test_the_firewall_has_the_four_groups_of_aws_as_aws_means_them(prod: Graph) -> None:
    groups = rules(prod)[1:]
    assert [(rule["priority"], rule["name"]) for rule in groups] == list(enumerate(FIREWALL_GROUPS, 1))
    for rule in groups:
        statement = rule["statement"]
        assert isinstance(statement, dict)
        assert rule["overrideAction"] == {"none": {}}
        group = statement["managedRuleGroupStatement"]
        assert isinstance(group, dict)
        assert (group["vendorName"], group["name"]) == ("AWS", rule["name"])


def test_large_bodies_are_counted_and_nothing_else_is_let_off(prod: Graph) -> None:
    found = {rule["name"]: str(rule["statement"]) for rule in rules(prod)}
    let_off = [name for name, statement in found.items() if "count" in statement]
    assert let_off == ["AWSManagedRulesCommonRuleSet"]
    assert "SizeRestrictions_BODY" in found["AWSManagedRulesCommonRuleSet"]


def test_the_firewall_stands_before_the_public_load_balancer(prod: Graph) -> None:
    association = named(prod, "prod-firewall-load-balancer")
    assert refers(prod, association, "resourceArn") == ["prod-load-balancer-balancer"]
    assert refers(prod, association, "webAclArn") == ["prod-firewall-acl"]
    assert named(prod, "prod-firewall-acl").inputs["scope"] == "REGIONAL"


def test_the_firewall_logs_what_it_stopped_and_no_credentials(prod: Graph) -> None:
    logs, logging = named(prod, "prod-firewall-logs"), named(prod, "prod-firewall-logging")
    assert (logs.inputs["name"], logs.inputs["retentionInDays"]) == ("aws-waf-logs-prod", 90)
    assert refers(prod, logs, "kmsKeyId") == ["prod-keys-logs"]
    assert refers(prod, logging, "logDestinationConfigs") == ["prod-firewall-logs"]
    assert logging.inputs["redactedFields"] == [
        {"singleHeader": {"name": "authorization"}},
        {"singleHeader": {"name": "cookie"}},
    ]
    assert logging.inputs["loggingFilter"] == {
        "defaultBehavior": "DROP",
        "filters": [
            {
                "behavior": "KEEP",
                "requirement": "MEETS_ANY",
                "conditions": [{"actionCondition": {"action": action}} for action in ("BLOCK", "COUNT")],
            }
        ],
    }


@pytest.mark.parametrize(
    ("tier", "written", "built"),
    [
        ("dev", "", 0),
        ("staging", "", 1),
        ("prod", "", 1),
        ("dev", "firewall: true\n", 1),
        ("prod", "firewall: false\n", 0),
    ],
)
def test_there_is_a_firewall_where_the_tier_or_somebody_says_so(tier: str, written: str, built: int) -> None:
    assert len(of(shared_graph(stack_text("", tier=tier, environment=written)), ":WebAcl")) == built


def test_the_budget_counts_what_has_the_tag_of_the_environment_and_tells_the_paging_topic(prod: Graph) -> None:
    assert inputs(named(prod, "prod-budget-month")) == {
        "name": "prod-month",
        "budgetType": "COST",
        "timeUnit": "MONTHLY",
        "limitAmount": "500",
        "limitUnit": "USD",
        "costFilters": [{"name": "TagKeyValue", "values": ["user:Env$prod"]}],
        "notifications": [
            {
                "notificationType": kind,
                "comparisonOperator": "GREATER_THAN",
                "threshold": percent,
                "thresholdType": "PERCENTAGE",
                "subscriberSnsTopicArns": [TOPIC],
            }
            for kind, percent in (("ACTUAL", 80), ("FORECASTED", 100))
        ],
    }


@pytest.mark.parametrize(("tier", "amount"), [("dev", "75"), ("staging", "150"), ("prod", "500")])
def test_the_budget_follows_the_tier(tier: str, amount: str) -> None:
    graph = shared_graph(stack_text("", tier=tier))
    assert named(graph, f"{tier}-budget-month").inputs["limitAmount"] == amount


def test_the_budget_is_what_somebody_writes() -> None:
    graph = graph_of(stack_text("", environment="budgetUsd: 1234\n"))
    assert named(graph, "dev-budget-month").inputs["limitAmount"] == "1234"


def test_cost_anomalies_of_the_environment_are_told_at_once(prod: Graph) -> None:
    monitor, subscription = named(prod, "prod-budget-monitor"), named(prod, "prod-budget-anomalies")
    assert monitor.inputs["monitorType"] == "CUSTOM"
    assert parsed(monitor, "monitorSpecification") == {"Tags": {"Key": "Env", "Values": ["prod"]}}
    assert refers(prod, subscription, "monitorArnLists") == ["prod-budget-monitor"]
    assert subscription.inputs["frequency"] == "IMMEDIATE"
    assert subscription.inputs["subscribers"] == [{"type": "SNS", "address": TOPIC}]
    assert subscription.inputs["thresholdExpression"] == {
        "ands": [
            {
                "dimension": {
                    "key": f"ANOMALY_TOTAL_IMPACT_{impact}",
                    "matchOptions": ["GREATER_THAN_OR_EQUAL"],
                    "values": [value],
                }
            }
            for impact, value in (("ABSOLUTE", "20"), ("PERCENTAGE", "40"))
        ]
    }


def test_who_tells_of_costs_may_publish_to_the_topic_and_use_its_key_for_this_account_alone(prod: Graph) -> None:
    for name, actions in (
        ("prod-paging-topic-policy", "sns:Publish"),
        ("prod-keys-data", ["kms:Decrypt", "kms:GenerateDataKey*"]),
    ):
        document = parsed(named(prod, name), "policy")
        assert isinstance(document, dict)
        statements = document["Statement"]
        assert isinstance(statements, list)
        (costs,) = (each for each in statements if isinstance(each, dict) and each.get("Sid") == "Costs")
        assert {key: value for key, value in costs.items() if key != "Resource"} == {
            "Sid": "Costs",
            "Effect": "Allow",
            "Principal": {"Service": ["budgets.amazonaws.com", "costalerts.amazonaws.com"]},
            "Action": actions,
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        }


def test_the_budget_waits_for_the_right_to_publish(prod: Graph) -> None:
    policy = named(prod, "prod-paging-topic-policy").urn
    assert policy in named(prod, "prod-budget-month").dependencies
    assert policy in named(prod, "prod-budget-anomalies").dependencies
