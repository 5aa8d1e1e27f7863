"""Who asks a public route from the internet, and who hears of it when nobody answers."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from components.concerns.probe import IN_ZIP, SCRIPT
from components.foundation.interface import PUBLISHED
from simulator.graph import Graph, Json
from tests.components.conftest import (
    ACCOUNT,
    DIGEST,
    FUNCTION,
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

NODE = shutil.which("node")
RUN = """\
const https = require("https");
https.get = (options, answer) => {
  if (!options.headers["User-Agent"]) throw new Error("the firewall would turn it away");
  setImmediate(() => answer({ statusCode: Number(process.argv[2]), resume() {} }));
  return { setTimeout() {}, on() {} };
};
require("./probe.js").handler().then(() => console.log("succeeded"), () => console.log("failed"));
"""
"""Runs one probe, with an answer of our own instead of the internet's."""
ROUTED = "compute: fargate, port: 80, route: /news/*"
BUCKET = "prod-example-probes-"


def of_service(service: str, *, tier: str = "prod", environment: str = "") -> Graph:
    images = {"web": DIGEST} if "fargate" in service else {}
    return shared_graph(stack_text(f"web: {{{service}}}", tier=tier, images=images, environment=environment))


@pytest.fixture(scope="module")
def web() -> Graph:
    return of_service(ROUTED)


def asked(graph: Graph) -> Json:
    config = named(graph, "web-health-probe").inputs["runConfig"]
    assert isinstance(config, dict)
    return config["environmentVariables"]


def alarm(graph: Graph) -> Mapping[str, Json]:
    return named(graph, "web-alerting-probe").inputs


def test_a_canary_asks_every_five_minutes_and_forgets_after_thirty_days(web: Graph) -> None:
    canary = inputs(named(web, "web-health-probe"))
    bucket = named(web, "prod-probes-bucket").inputs["bucket"]
    assert str(bucket).startswith(BUCKET)
    assert {key: value for key, value in canary.items() if key not in {"executionRoleArn", "runConfig", "s3Key"}} == {
        "name": "prod-web",
        "runtimeVersion": "syn-nodejs-puppeteer-15.0",
        "handler": "probe.handler",
        "s3Bucket": bucket,
        "artifactS3Location": f"s3://{bucket}/runs/web",
        "artifactConfig": {"s3Encryption": {"encryptionMode": "SSE_S3"}},
        "schedule": {"expression": "rate(5 minutes)"},
        "successRetentionPeriod": 30,
        "failureRetentionPeriod": 30,
        "startCanary": True,
        "deleteLambda": True,
    }
    assert refers(web, named(web, "web-health-probe"), "executionRoleArn") == ["web-health-probe-role"]
    assert named(web, "web-health-probe-role-policy").urn in named(web, "web-health-probe").dependencies


@pytest.mark.parametrize(
    ("service", "host", "path", "below"),
    [
        (ROUTED, "services.example.com", "/news/", "500"),
        (f"{ROUTED}, probe: {{path: '/news/today?lang=en'}}", "services.example.com", "/news/today?lang=en", "300"),
        (f"{ROUTED}, probe: {{path: /news/old, statusBelow: 400}}", "services.example.com", "/news/old", "400"),
        ("compute: fargate, port: 80, route: 'news.example.com/a/*/b?'", "news.example.com", "/a//bx", "500"),
        (f"{FUNCTION}, route: /news/*", "services.example.com", "/news/", "500"),
    ],
)
def test_it_asks_where_users_do(service: str, host: str, path: str, below: str) -> None:
    assert asked(of_service(service)) == {
        "HOST": host,
        "PATH_AND_QUERY": path,
        "HEADERS": "{}",
        "STATUS_BELOW": below,
    }


def test_an_app_runner_service_is_asked_at_its_own_domain_behind_the_firewall() -> None:
    services = "shop: {compute: apprunner, port: 8080}\ninside: {compute: apprunner, port: 8080, public: false}\n"
    graph = shared_graph(stack_text(services, tier="prod", images={"shop": DIGEST, "inside": DIGEST}))
    (canary,) = of(graph, ":Canary")
    assert canary.inputs["name"] == "prod-shop"
    config = canary.inputs["runConfig"]
    assert isinstance(config, dict)
    assert isinstance(config["environmentVariables"], dict)
    assert config["environmentVariables"]["HOST"] == "shop.example.com"
    assert config["environmentVariables"]["PATH_AND_QUERY"] == "/"
    assert named(graph, "shop-alerting-probe").inputs["dimensions"] == {"CanaryName": "prod-shop"}
    assert refers(graph, named(graph, "shop-ingress-firewall"), "webAclArn") == ["prod-firewall-acl"]


def test_it_sends_the_headers_that_the_route_asks_for() -> None:
    found = asked(of_service(f"{ROUTED}, headers: {{x-version: 'beta*'}}"))
    assert isinstance(found, dict)
    assert found["HEADERS"] == '{"x-version":"beta"}'


def test_behind_the_http_api_it_asks_the_api() -> None:
    graph = of_service(f"{ROUTED}, ingress: api-gateway", environment="api: {}\n")
    found = asked(graph)
    assert isinstance(found, dict)
    assert found["HOST"] == "api.example.com"


def test_its_code_is_one_file_whose_key_changes_with_it(web: Graph) -> None:
    code = named(web, "web-health-probe-code")
    assert str(code.inputs["key"]).startswith("code/web/")
    assert str(code.inputs["key"]).endswith(".zip")
    assert IN_ZIP in json.dumps(code.inputs["source"])
    assert named(web, "web-health-probe").inputs["s3Key"] == code.inputs["key"]


def test_it_may_write_its_own_artifacts_logs_and_metrics_and_nothing_else(web: Graph) -> None:
    document = parsed(named(web, "web-health-probe-role-policy"), "policy")
    assert isinstance(document, dict)
    statements = document["Statement"]
    assert isinstance(statements, list)
    bucket = f"arn:aws:s3:::{named(web, 'prod-probes-bucket').inputs['bucket']}"
    assert {each["Sid"]: (each["Action"], each["Resource"]) for each in statements if isinstance(each, dict)} == {
        "Artifacts": (["s3:PutObject", "s3:GetObject"], [f"{bucket}/runs/web/*"]),
        "Bucket": (["s3:GetBucketLocation"], [bucket]),
        "FindBucket": (["s3:ListAllMyBuckets"], ["*"]),
        "Logs": (
            ["logs:CreateLogStream", "logs:PutLogEvents"],
            [f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/aws/lambda/cwsyn-prod-web-*"],
        ),
        "Metrics": (["cloudwatch:PutMetricData"], ["*"]),
    }
    (metrics,) = (each for each in statements if isinstance(each, dict) and each["Sid"] == "Metrics")
    assert metrics["Condition"] == {"StringEquals": {"cloudwatch:namespace": "CloudWatchSynthetics"}}


def test_its_logs_have_an_end(web: Graph) -> None:
    logs = named(web, "web-health-probe-logs")
    assert logs.inputs["retentionInDays"] == 90
    assert refers(web, logs, "name") == ["web-health-probe"]


def test_its_artifacts_are_deleted_and_its_code_is_not(web: Graph) -> None:
    rules = named(web, "prod-probes-lifecycle").inputs["rules"]
    assert isinstance(rules, list)
    rule = rules[0]
    assert isinstance(rule, dict)
    assert (rule["filter"], rule["expiration"]) == ({"prefix": "runs/"}, {"days": 30})


def test_whoever_is_on_call_hears_when_less_than_nine_in_ten_runs_succeed(web: Graph) -> None:
    found = alarm(web)
    assert {key: found[key] for key in ("namespace", "metricName", "dimensions", "statistic", "period")} == {
        "namespace": "CloudWatchSynthetics",
        "metricName": "SuccessPercent",
        "dimensions": {"CanaryName": "prod-web"},
        "statistic": "Average",
        "period": 300,
    }
    assert (found["comparisonOperator"], found["threshold"], found["evaluationPeriods"]) == ("LessThanThreshold", 90, 2)
    assert found["alarmActions"] == [f"arn:aws:sns:{REGION}:{ACCOUNT}:prod-paging"]


def test_a_failing_probe_is_what_users_notice(web: Graph) -> None:
    rule = str(named(web, "web-alerting-composite").inputs["alarmRule"])
    infrastructure, _, application = rule.partition(" AND ")
    assert 'ALARM("prod-web-probe")' in application
    assert "probe" not in infrastructure


@pytest.mark.parametrize(
    ("minutes", "expression", "period"),
    [(1, "rate(1 minute)", 300), (7, "rate(7 minutes)", 420), (60, "rate(1 hour)", 3600)],
)
def test_each_period_of_the_alarm_holds_a_run(minutes: int, expression: str, period: int) -> None:
    graph = of_service(f"{ROUTED}, probe: {{everyMinutes: {minutes}}}")
    assert named(graph, "web-health-probe").inputs["schedule"] == {"expression": expression}
    assert alarm(graph)["period"] == period


@pytest.mark.parametrize(
    ("service", "tier", "environment", "probes"),
    [
        (ROUTED, "dev", "", 0),
        (ROUTED, "staging", "", 0),
        (ROUTED, "dev", "probes: true\n", 1),
        (ROUTED, "prod", "probes: false\n", 0),
        (f"{ROUTED}, probe: {{enabled: false}}", "prod", "", 0),
        ("compute: fargate, port: 80", "prod", "", 0),
        ("compute: fargate, port: 80, route: '*.example.com/*'", "prod", "", 0),
    ],
)
def test_there_is_a_probe_where_there_is_a_public_route_and_somebody_wants_one(
    service: str, tier: str, environment: str, probes: int
) -> None:
    graph = of_service(service, tier=tier, environment=environment)
    assert len(of(graph, ":Canary")) == probes
    assert len([each for each in of(graph, ":MetricAlarm") if each.name == "web-alerting-probe"]) == probes


def test_it_uses_the_bucket_of_another_stacks_foundation() -> None:
    text = stack_text(f"web: {{{ROUTED}}}", tier="prod", environment="foundation: {stack: org/onramp/prod}\n")
    published: dict[str, Json] = dict.fromkeys(PUBLISHED, "x")
    published["private_subnet_ids"] = ["subnet-1"]
    published["probe_bucket"] = "their-bucket"
    graph = graph_of(text, references={"org/onramp/prod": {"foundation": published}})
    assert named(graph, "web-health-probe").inputs["s3Bucket"] == "their-bucket"
    assert named(graph, "web-health-probe-code").inputs["bucket"] == "their-bucket"


@pytest.mark.skipif(NODE is None, reason="there is no Node.js here to run the script with")
@pytest.mark.parametrize(
    ("answered", "below", "is_good"), [(200, 300, True), (302, 300, False), (404, 500, True), (500, 500, False)]
)
def test_a_run_succeeds_when_the_answer_is_good(tmp_path: Path, answered: int, below: int, *, is_good: bool) -> None:
    (tmp_path / "probe.js").write_text(SCRIPT, encoding="utf-8")
    (tmp_path / "run.js").write_text(RUN, encoding="utf-8")
    environment = {"HOST": "example.com", "PATH_AND_QUERY": "/news/", "HEADERS": "{}", "STATUS_BELOW": str(below)}
    done = subprocess.run(  # noqa: S603 - our own script
        [str(NODE), str(tmp_path / "run.js"), str(answered)],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.stdout.splitlines() == [
        f"https://example.com/news/ answered {answered}",
        "succeeded" if is_good else "failed",
    ]
