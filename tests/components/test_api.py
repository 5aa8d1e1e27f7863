"""The public HTTP API of an environment, and the services behind it."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Final

import pytest

from components.foundation.interface import PUBLISHED, PUBLISHED_API
from simulator.embedded import ProgramError
from simulator.graph import UNKNOWN, Graph, Json
from stacks.standards import TIERS, Tier
from tests.components.conftest import (
    ACCOUNT,
    DIGEST,
    FUNCTION,
    REGION,
    below,
    component,
    graph_of,
    inputs,
    named,
    of,
    parsed,
    shared_graph,
    stack_text,
    texts,
)
from tests.components.test_fargate import refers

SERVICES: Final = f"""\
news: {{compute: fargate, port: 8000, route: /news/*, ingress: api-gateway}}
public: {{compute: fargate, port: 8000, route: /news/*}}
reports: {{{FUNCTION}, route: /reports/*, ingress: api-gateway, auth: iam}}
"""
IMAGES: Final = {"news": DIGEST, "public": DIGEST}
API: Final = "api: {rate: 20, burst: 40, corsOrigins: [https://example.com]}\n"
KEY: Final = "securityGroupId"
ELSEWHERE: Final = "foundation: {stack: org/onramp/prod}\n"


def environment(tier: Tier, services: str = "", api: str = API) -> Graph:
    return shared_graph(stack_text(services, tier=tier, environment=api, images=IMAGES if services else None))


@pytest.fixture(scope="module")
def graph() -> Graph:
    return environment("prod", SERVICES)


def test_without_the_key_there_is_no_api() -> None:
    assert not [each for each in environment("prod", api="").resources if "api" in each.type.lower()]


@pytest.mark.parametrize("tier", TIERS)
def test_an_api_adds_exactly_this_to_a_foundation(tier: Tier) -> None:
    before = Counter(each.type for each in environment(tier, api="").resources)
    after = Counter(each.type for each in environment(tier, api="api: {}\n").resources)
    assert after - before == {
        "onramp:foundation:ApiGateway": 1,
        "onramp:foundation:InternalLoadBalancer": 1,
        "aws:apigatewayv2/api:Api": 1,
        "aws:apigatewayv2/apiMapping:ApiMapping": 1,
        "aws:apigatewayv2/domainName:DomainName": 1,
        "aws:apigatewayv2/stage:Stage": 1,
        "aws:apigatewayv2/vpcLink:VpcLink": 1,
        "aws:cloudwatch/logGroup:LogGroup": 1,
        "aws:cloudwatch/metricAlarm:MetricAlarm": 2,
        "aws:ec2/securityGroup:SecurityGroup": 2,
        "aws:lb/listener:Listener": 1,
        "aws:lb/loadBalancer:LoadBalancer": 1,
        "aws:route53/record:Record": 1,
        "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": 1,
        "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": 1,
    }
    assert before - after == Counter()


def test_the_api_has_one_address_and_names_the_sites_that_may_call_it(graph: Graph) -> None:
    api = inputs(named(graph, "prod-api-api"))
    assert (api["protocolType"], api["disableExecuteApiEndpoint"]) == ("HTTP", True)
    assert isinstance(cors := api["corsConfiguration"], dict)
    assert cors["allowOrigins"] == ["https://example.com"]
    assert "corsConfiguration" not in named(environment("prod", api="api: {}\n"), "prod-api-api").inputs


def test_the_stage_is_throttled_measured_and_logged(graph: Graph) -> None:
    stage = named(graph, "prod-api-stage")
    assert (stage.inputs["name"], stage.inputs["autoDeploy"]) == ("$default", True)
    assert stage.inputs["defaultRouteSettings"] == {
        "throttlingRateLimit": 20.0,
        "throttlingBurstLimit": 40,
        "detailedMetricsEnabled": True,
    }
    assert isinstance(log := stage.inputs["accessLogSettings"], dict)
    assert set(json.loads(str(log["format"])).values()) >= {"$context.routeKey", "$context.status", "$context.path"}
    assert refers(graph, stage, "accessLogSettings") == ["prod-api-logs"]
    logs = named(graph, "prod-api-logs")
    assert (logs.inputs["name"], logs.inputs["retentionInDays"]) == ("/onramp/prod/foundation/api", 90)
    assert refers(graph, logs, "kmsKeyId") == ["prod-keys-logs"]


def test_the_api_answers_at_its_domain_with_the_wildcard_certificate_and_tls_1_2(graph: Graph) -> None:
    domain = named(graph, "prod-api-domain")
    assert domain.inputs["domainName"] == "api.example.com"
    assert domain.inputs["domainNameConfiguration"] == {
        "certificateArn": UNKNOWN,
        "endpointType": "REGIONAL",
        "securityPolicy": "TLS_1_2",
    }
    assert refers(graph, domain, "domainNameConfiguration") == ["prod-load-balancer-certificate-validation"]
    assert refers(graph, named(graph, "prod-api-mapping"), "domainName") == ["prod-api-domain"]
    record = named(graph, "prod-api-address")
    assert (record.inputs["name"], record.inputs["type"]) == ("api.example.com", "A")
    assert record.inputs["aliases"] == [{"name": UNKNOWN, "zoneId": UNKNOWN, "evaluateTargetHealth": False}]


def test_the_way_into_the_vpc_is_a_chain_of_groups(graph: Graph) -> None:
    link = named(graph, "prod-api-link")
    assert refers(graph, link, "securityGroupIds") == ["prod-api-link-sg"]
    private = [f"prod-network-private-{zone}" for zone in (1, 2, 3)]
    assert refers(graph, link, "subnetIds") == ["prod-network", *private]
    chain = [
        ("prod-api-link-out", "prod-api-link-sg", "prod-api-load-balancer-sg", 443),
        ("prod-api-link-in", "prod-api-load-balancer-sg", "prod-api-link-sg", 443),
        ("news-sg-load-balancer-out", "prod-api-load-balancer-sg", "news-sg", 8000),
        ("news-sg-load-balancer-in", "news-sg", "prod-api-load-balancer-sg", 8000),
    ]
    for name, here, there, port in chain:
        rule = named(graph, name)
        ends = (refers(graph, rule, "securityGroupId"), refers(graph, rule, "referencedSecurityGroupId"))
        assert ends == ([here], [there])
        assert (rule.inputs["fromPort"], rule.inputs["toPort"]) == (port, port)
    doors = [each for each in of(graph, "GroupIngressRule") if "prod-api-load-balancer-sg" in refers(graph, each, KEY)]
    assert [each.name for each in doors] == ["prod-api-link-in"]


def test_the_internal_balancer_is_as_the_public_one_but_private(graph: Graph) -> None:
    inner, public = (named(graph, f"prod-{name}load-balancer-balancer") for name in ("api-", ""))
    assert (inner.inputs["name"], inner.inputs["internal"]) == ("api-prod", True)
    assert (public.inputs["name"], public.inputs["internal"]) == ("services-prod", False)
    different = ("name", "internal")
    assert {key: value for key, value in inner.inputs.items() if key not in different} == {
        key: value for key, value in public.inputs.items() if key not in different
    }
    assert inner.protect
    https = named(graph, "prod-api-load-balancer-https").inputs
    assert (https["port"], https["protocol"]) == (443, "HTTPS")
    assert [each.name for each in of(graph, ":Listener") if each.name.startswith("prod-api")] == [
        "prod-api-load-balancer-https"
    ]


def test_the_api_as_a_whole_is_watched(graph: Graph) -> None:
    errors, latency = (named(graph, f"prod-api-{metric}").inputs for metric in ("5xx", "latency"))
    for alarm in (errors, latency):
        assert alarm["alarmActions"] == [f"arn:aws:sns:{REGION}:{ACCOUNT}:prod-paging"]
        assert (alarm["namespace"], alarm["dimensions"]) == ("AWS/ApiGateway", {"ApiId": UNKNOWN})
    assert (errors["metricName"], errors["statistic"], errors["threshold"]) == ("5xx", "Sum", 10)
    assert (latency["metricName"], latency["extendedStatistic"], latency["threshold"]) == ("Latency", "p99", 1000)


def test_a_container_is_reached_through_the_link_and_the_balancer_proves_who_it_is(graph: Graph) -> None:
    integration = named(graph, "news-ingress-api")
    assert inputs(integration) == {
        "apiId": UNKNOWN,
        "description": "news behind the internal load balancer",
        "integrationType": "HTTP_PROXY",
        "integrationMethod": "ANY",
        "integrationUri": UNKNOWN,
        "connectionType": "VPC_LINK",
        "connectionId": UNKNOWN,
        "tlsConfig": {"serverNameToVerify": "api.example.com"},
        "payloadFormatVersion": "1.0",
        "timeoutMilliseconds": 30_000,
    }
    assert refers(graph, integration, "integrationUri") == ["prod-api-load-balancer-https"]
    assert refers(graph, integration, "connectionId") == ["prod-api-link"]


def test_the_same_path_is_another_one_at_the_public_balancer(graph: Graph) -> None:
    rules = {each.name: refers(graph, each, "listenerArn") for each in of(graph, ":ListenerRule")}
    assert rules == {
        "news-ingress-rule": ["prod-api-load-balancer-https"],
        "public-ingress-rule": ["prod-load-balancer-https"],
    }
    assert not of(graph, "apigatewayv2/route:Route", "public")


def test_a_container_shifts_and_is_watched_at_the_internal_balancer(graph: Graph) -> None:
    policy = str(named(graph, "news-delivery-traffic-policy").inputs["policy"])
    assert "listener/app/api-prod/*" in policy
    assert "services-prod" not in policy
    for name in ("news-alerting-http-5xx", "news-alerting-latency"):
        assert "prod-api-load-balancer-balancer" in refers(graph, named(graph, name), "metricQueries")
    assert "prod-api-load-balancer-balancer" in refers(
        graph, named(graph, "news-scaling-requests"), "targetTrackingScalingPolicyConfiguration"
    )


def test_the_api_invokes_a_function_itself_by_its_alias(graph: Graph) -> None:
    integration = named(graph, "reports-ingress-api")
    assert inputs(integration) == {
        "apiId": UNKNOWN,
        "description": "reports, whatever version is live",
        "integrationType": "AWS_PROXY",
        "integrationMethod": "POST",
        "integrationUri": UNKNOWN,
        "payloadFormatVersion": "2.0",
        "timeoutMilliseconds": 30_000,
    }
    assert refers(graph, integration, "integrationUri") == ["reports-alias"]
    permission = named(graph, "reports-ingress-api-permission")
    assert (permission.inputs["principal"], permission.inputs["qualifier"]) == ("apigateway.amazonaws.com", "live")
    assert refers(graph, permission, "sourceArn") == ["prod-api-api"]
    assert not of(graph, ":TargetGroup", "reports")
    assert not of(graph, ":ListenerRule", "reports")


@pytest.mark.parametrize(
    ("service", "path", "authorization"), [("news", "/news", "NONE"), ("reports", "/reports", "AWS_IAM")]
)
def test_a_route_is_itself_and_everything_below(graph: Graph, service: str, path: str, authorization: str) -> None:
    routes = of(graph, "apigatewayv2/route:Route", service)
    assert texts(routes, "routeKey") == {f"ANY {path}", f"ANY {path}/{{proxy+}}"}
    assert texts(routes, "authorizationType") == {authorization}
    assert [refers(graph, each, "target") for each in routes] == [[f"{service}-ingress-api"]] * 2


def test_errors_that_the_api_answers_for_a_function_end_its_rollout(graph: Graph) -> None:
    counted = named(graph, "reports-ingress-api-errors").inputs
    assert counted["pattern"] == (
        '{ ($.routeKey = "ANY /reports" || $.routeKey = "ANY /reports/{proxy+}") && $.status = "5*" }'
    )
    assert isinstance(metric := counted["metricTransformation"], dict)
    errors = named(graph, "reports-alerting-http-5xx").inputs
    assert (errors["namespace"], errors["metricName"]) == (metric["namespace"], metric["name"])
    latency = named(graph, "reports-alerting-latency").inputs
    assert (latency["namespace"], latency["metricName"], latency["threshold"]) == ("AWS/Lambda", "Duration", 1000)
    assert isinstance(watched := named(graph, "reports-delivery-group").inputs["alarmConfiguration"], dict)
    assert {"prod-reports-http-5xx", "prod-reports-latency"} <= set(map(str, watched["alarms"] or []))  # pyright: ignore[reportArgumentType] - a list of names
    body = parsed(named(graph, "reports-observability-dashboard"), "dashboardBody")
    assert str(metric["name"]) in json.dumps(body)


def test_another_image_changes_the_task_and_the_service_alone() -> None:
    def with_image(digest: str) -> dict[str, Mapping[str, Json]]:
        text = stack_text(SERVICES, tier="prod", environment=API, images={**IMAGES, "news": digest})
        return {each.urn: each.inputs for each in shared_graph(text).resources}

    before, after = with_image(DIGEST), with_image("sha256:" + "1" * 64)
    assert before.keys() == after.keys()
    changed = {urn.rpartition("::")[2] for urn in before if before[urn] != after[urn]}
    assert changed == {"news-task-definition"}  # the service follows its revision, which is not known yet


# On the foundation of another stack


def published(**api: Json) -> Mapping[str, Mapping[str, Json]]:
    parts: dict[str, Json] = {name: f"that-{name}" for name in PUBLISHED}
    return {"org/onramp/prod": {"foundation": {**parts, "private_subnet_ids": ["subnet-1"], **api}}}


def elsewhere(services: str, references: Mapping[str, Mapping[str, Json]], images: Mapping[str, str] = IMAGES) -> Graph:
    text = stack_text(services, tier="prod", environment=ELSEWHERE, images=images)
    return graph_of(text, references=references)


def test_a_foundation_publishes_its_api_within(graph: Graph) -> None:
    assert isinstance(foundation := graph.outputs["foundation"], dict)
    assert isinstance(api := foundation["api"], dict)
    assert set(api) == set(PUBLISHED_API)


def test_services_go_behind_the_api_of_another_stack() -> None:
    api: dict[str, Json] = {name: f"their-{name}" for name in PUBLISHED_API}
    found = elsewhere(SERVICES, published(api=api))
    integration = named(found, "news-ingress-api").inputs
    assert (integration["apiId"], integration["connectionId"]) == ("their-id", "their-vpc_link_id")
    assert named(found, "news-ingress-rule").inputs["listenerArn"] == "their-listener_arn"
    assert named(found, "public-ingress-rule").inputs["listenerArn"] == "that-listener_arn"
    assert named(found, "news-sg-load-balancer-in").inputs["referencedSecurityGroupId"] == (
        "their-load_balancer_security_group_id"
    )
    assert named(found, "reports-ingress-api-permission").inputs["sourceArn"] == "their-execution_arn/*/*"
    assert named(found, "reports-ingress-api-errors").inputs["logGroupName"] == "their-log_group"


def test_nobody_asks_for_an_api_that_no_service_needs() -> None:
    services = "public: {compute: fargate, port: 8000, route: /news/*}\n"
    found = elsewhere(services, published(), {"public": DIGEST})
    assert list(below(found, component(found, "public").urn))


def test_an_environment_without_an_api_is_refused_with_what_to_do() -> None:
    with pytest.raises(ProgramError) as refused:
        elsewhere(SERVICES, published())
    assert "publishes no `foundation.api`: its environment has no HTTP API" in str(refused.value)
    assert "fix: write `api: {}` in its onramp:environment, and run `pulumi up --stack org/onramp/prod`" in str(
        refused.value
    )


@pytest.mark.parametrize("missing", PUBLISHED_API)
def test_an_older_api_is_refused_by_the_part_that_is_missing(missing: str) -> None:
    api: dict[str, Json] = {name: f"their-{name}" for name in PUBLISHED_API if name != missing}
    with pytest.raises(ProgramError, match=rf"publishes no `foundation\.api\.{missing}`"):
        elsewhere(SERVICES, published(api=api))
