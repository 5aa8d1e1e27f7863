"""The resources of a container service that decide what it may do, who reaches it, and how it goes live."""

from simulator.graph import UNKNOWN, Graph, Json, Resource
from tests.components.conftest import ACCOUNT, DIGEST, REGION, inputs, named, parsed

PAGING = f"arn:aws:sns:{REGION}:{ACCOUNT}:prod-paging"


def logs(environment: str, service: str, stream: str) -> Json:
    return {
        "logDriver": "awslogs",
        "options": {
            "awslogs-group": f"/onramp/{environment}/{service}",
            "awslogs-region": REGION,
            "awslogs-stream-prefix": stream,
            "mode": "non-blocking",
            "max-buffer-size": "25m",
        },
    }


def containers(graph: Graph, service: str) -> dict[str, Json]:
    definitions = parsed(named(graph, f"{service}-task-definition"), "containerDefinitions")
    assert isinstance(definitions, list)
    return {str(each["name"]): each for each in definitions if isinstance(each, dict)}


def refers(graph: Graph, resource: Resource, key: str) -> list[str]:
    """The names of the resources that an input comes from."""
    names = {each.urn: each.name for each in graph.resources}
    return sorted(names[urn] for urn in resource.property_dependencies.get(key, ()))


def test_the_task_runs_on_arm_with_roles_of_its_own_and_a_volume_for_tmp(orders: Graph) -> None:
    task = named(orders, "orders-task-definition")
    assert {key: value for key, value in inputs(task).items() if key != "containerDefinitions"} == {
        "family": "prod-orders",
        "cpu": "256",
        "memory": "512",
        "networkMode": "awsvpc",
        "skipDestroy": True,
        "requiresCompatibilities": ["FARGATE"],
        "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
        "executionRoleArn": UNKNOWN,
        "taskRoleArn": UNKNOWN,
        "volumes": [{"name": "tmp"}],
    }
    assert refers(orders, task, "executionRoleArn") == ["orders-execution"]
    assert refers(orders, task, "taskRoleArn") == ["orders-task"]


def test_the_container_is_locked_down_and_gets_references_instead_of_secrets(orders: Graph) -> None:
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:example/orders/prod"
    found = containers(orders, "orders")
    assert list(found) == ["orders", "adot", "cloudwatch-agent"]
    url = "http://127.0.0.1:8080/health"
    assert found["orders"] == {
        "name": "orders",
        "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/orders/prod@{DIGEST}",
        "essential": True,
        "user": "1001:1001",
        "readonlyRootFilesystem": True,
        "mountPoints": [{"sourceVolume": "tmp", "containerPath": "/tmp", "readOnly": False}],  # noqa: S108 - the volume
        "linuxParameters": {"initProcessEnabled": True},
        "environment": [
            {"name": "AWS_EMF_AGENT_ENDPOINT", "value": "tcp://127.0.0.1:25888"},
            {"name": "AWS_EMF_LOG_GROUP_NAME", "value": "/onramp/prod/orders"},
            {"name": "AWS_EMF_SERVICE_NAME", "value": "orders"},
            {"name": "ONRAMP_ENVIRONMENT", "value": "prod"},
            {"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://127.0.0.1:4317"},
            {"name": "OTEL_PROPAGATORS", "value": "xray,tracecontext,baggage"},
            {"name": "OTEL_RESOURCE_ATTRIBUTES", "value": "deployment.environment=prod"},
            {"name": "OTEL_SERVICE_NAME", "value": "orders"},
        ],
        "secrets": [
            {"name": "API_TOKEN", "valueFrom": f"{secret}/API_TOKEN"},
            {"name": "CACHE_URL", "valueFrom": f"{secret}/CACHE_URL"},
            {"name": "CURRENCY", "valueFrom": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/example/orders/prod/CURRENCY"},
            {"name": "DATABASE_URL", "valueFrom": f"{secret}/DATABASE_URL"},
        ],
        "portMappings": [{"name": "orders", "containerPort": 8080, "protocol": "tcp", "appProtocol": "http"}],
        "healthCheck": {
            "command": ["CMD-SHELL", f"curl -fsS {url} || wget -qO /dev/null {url} || exit 1"],
            "interval": 30,
            "timeout": 5,
            "retries": 3,
            "startPeriod": 60,
        },
        "logConfiguration": logs("prod", "orders", "app"),
    }


def test_the_sidecars_are_pinned_and_not_essential(orders: Graph) -> None:
    found = containers(orders, "orders")
    assert found["adot"] == {
        "name": "adot",
        "image": "public.ecr.aws/aws-observability/aws-otel-collector:v0.43.3",
        "essential": False,
        "command": ["--config=/etc/ecs/ecs-default-config.yaml"],
        "healthCheck": {"command": ["CMD", "/healthcheck"], "interval": 30, "timeout": 5, "retries": 3},
        "logConfiguration": logs("prod", "orders", "adot"),
    }
    assert found["cloudwatch-agent"] == {
        "name": "cloudwatch-agent",
        "image": "public.ecr.aws/cloudwatch-agent/cloudwatch-agent:1.300056.0b1123",
        "essential": False,
        "environment": [{"name": "CW_CONFIG_CONTENT", "value": '{"logs":{"metrics_collected":{"emf":{}}}}'}],
        "logConfiguration": logs("prod", "orders", "agent"),
    }


def test_a_worker_is_healthy_by_its_file_and_listens_nowhere(worker: Graph) -> None:
    own = containers(worker, "worker")["worker"]
    assert isinstance(own, dict)
    assert own["healthCheck"] == {
        "command": ["CMD-SHELL", 'test -n "$(find /tmp/healthy -mmin -2)"'],
        "interval": 30,
        "timeout": 5,
        "retries": 3,
        "startPeriod": 60,
    }
    assert own["secrets"] == []
    assert "portMappings" not in own
    assert "loadBalancers" not in named(worker, "worker-service").inputs


def test_in_prod_the_service_shifts_from_blue_to_green_and_back_on_an_alarm(orders: Graph) -> None:
    service = named(orders, "orders-service")
    assert inputs(service) == {
        "name": "orders",
        "cluster": f"arn:aws:ecs:{REGION}:{ACCOUNT}:cluster/prod-services",
        "taskDefinition": UNKNOWN,
        "capacityProviderStrategies": [{"capacityProvider": "FARGATE", "base": 0, "weight": 1}],
        "forceNewDeployment": True,
        "platformVersion": "LATEST",
        "desiredCount": 2,
        "networkConfiguration": {"assignPublicIp": False, "subnets": UNKNOWN, "securityGroups": [UNKNOWN]},
        "deploymentController": {"type": "ECS"},
        "deploymentConfiguration": {"strategy": "BLUE_GREEN", "bakeTimeInMinutes": "15"},
        "deploymentMinimumHealthyPercent": 100,
        "deploymentMaximumPercent": 200,
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "alarms": {"enable": True, "rollback": True, "alarmNames": ["prod-orders-http-5xx", "prod-orders-latency"]},
        "loadBalancers": [
            {
                "targetGroupArn": UNKNOWN,
                "containerName": "orders",
                "containerPort": 8080,
                "advancedConfiguration": {
                    "alternateTargetGroupArn": UNKNOWN,
                    "productionListenerRule": UNKNOWN,
                    "roleArn": UNKNOWN,
                },
            }
        ],
        "healthCheckGracePeriodSeconds": 60,
        "serviceConnectConfiguration": {
            "enabled": True,
            "namespace": UNKNOWN,
            "services": [
                {
                    "portName": "orders",
                    "discoveryName": "orders",
                    "clientAlias": [{"dnsName": "orders", "port": 8080}],
                }
            ],
        },
        "serviceRegistries": {"registryArn": UNKNOWN},
        "availabilityZoneRebalancing": "ENABLED",
        "enableEcsManagedTags": True,
        "propagateTags": "SERVICE",
        "waitForSteadyState": True,
    }
    assert refers(orders, service, "loadBalancers") == [
        "orders-delivery-traffic",
        "orders-health-blue",
        "orders-health-green",
        "orders-ingress-rule",
    ]
    assert refers(orders, service, "taskDefinition") == ["orders-task-definition"]
    assert "orders-sg" in refers(orders, service, "networkConfiguration")


def test_ecs_waits_for_alarms_rule_and_role_before_it_shifts(orders: Graph) -> None:
    names = {each.urn: each.name for each in orders.resources}
    waits_for = {names[urn] for urn in named(orders, "orders-service").dependencies}
    assert waits_for >= {
        "orders-alerting-http-5xx",
        "orders-alerting-latency",
        "orders-ingress-rule",
        "orders-delivery-traffic-policy",
    }


def test_in_dev_the_service_rolls(web: Graph) -> None:
    found = named(web, "web-service").inputs
    assert found["deploymentConfiguration"] == {"strategy": "ROLLING"}
    assert found["loadBalancers"] == [{"targetGroupArn": UNKNOWN, "containerName": "web", "containerPort": 8000}]
    assert found["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert found["desiredCount"] == 1
    assert "serviceRegistries" not in found


def test_the_doors_of_a_service_are_chained_to_the_load_balancer_and_to_its_callers(orders: Graph) -> None:
    def door(name: str) -> tuple[list[str], list[str], Json, Json, Json]:
        rule = named(orders, name)
        ends = refers(orders, rule, "securityGroupId"), refers(orders, rule, "referencedSecurityGroupId")
        return (*ends, rule.inputs["ipProtocol"], rule.inputs["fromPort"], rule.inputs["toPort"])

    balancer = "prod-load-balancer-sg"
    assert door("orders-sg-load-balancer-in") == (["orders-sg"], [balancer], "tcp", 8080, 8080)
    assert door("orders-sg-load-balancer-out") == ([balancer], ["orders-sg"], "tcp", 8080, 8080)
    assert door("caller-sg-orders-in") == (["orders-sg"], ["caller-sg"], "tcp", 8080, 8080)
    assert door("caller-sg-orders-out") == (["caller-sg"], ["orders-sg"], "tcp", 8080, 8080)


def test_a_service_goes_out_to_https_and_the_stores_of_its_vpc(orders: Graph) -> None:
    def way(role: str) -> tuple[Json, ...]:
        found = named(orders, f"orders-sg-to-{role}").inputs
        return tuple(found[key] for key in ("cidrIpv4", "ipProtocol", "fromPort", "toPort"))

    assert way("https") == ("0.0.0.0/0", "tcp", 443, 443)
    assert way("postgres") == ("10.0.0.0/16", "tcp", 5432, 5432)
    assert way("redis") == ("10.0.0.0/16", "tcp", 6379, 6379)


def test_only_the_load_balancer_and_https_from_inside_are_let_in_from_addresses(orders: Graph) -> None:
    open_to = {
        each.name: each.inputs["cidrIpv4"]
        for each in orders.resources
        if each.type.endswith(":SecurityGroupIngressRule") and "cidrIpv4" in each.inputs
    }
    assert open_to == {
        "prod-load-balancer-from-internet-http": "0.0.0.0/0",
        "prod-load-balancer-from-internet-https": "0.0.0.0/0",
        "prod-network-endpoints-https": "10.0.0.0/16",
    }


def test_the_route_forwards_to_blue_until_a_rollout_says_otherwise(orders: Graph) -> None:
    rule = named(orders, "orders-ingress-rule")
    found = inputs(rule)
    assert found.pop("priority") == 24559
    assert found == {
        "listenerArn": UNKNOWN,
        "conditions": [{"pathPattern": {"values": ["/*"]}}, {"hostHeader": {"values": ["orders.example.com"]}}],
        "actions": [
            {
                "type": "forward",
                "forward": {"targetGroups": [{"arn": UNKNOWN, "weight": 100}, {"arn": UNKNOWN, "weight": 0}]},
            }
        ],
    }
    assert refers(orders, rule, "listenerArn") == ["prod-load-balancer-https"]
    assert refers(orders, rule, "actions") == ["orders-health-blue", "orders-health-green"]


def test_weights_tasks_and_the_alias_belong_to_whoever_rolls_out(orders: Graph, front: Graph) -> None:
    def ignored(graph: Graph, name: str) -> list[str]:
        return list(graph.wire[named(graph, name).urn].options.ignoreChanges)

    assert ignored(orders, "orders-ingress-rule") == ["actions"]
    assert ignored(orders, "orders-service") == ["desiredCount"]
    assert ignored(front, "front-alias") == ["functionVersion", "routingConfig"]


def test_blue_and_green_ask_the_same_health_path(orders: Graph) -> None:
    for color in ("blue", "green"):
        assert inputs(named(orders, f"orders-health-{color}")) == {
            "name": f"prod-orders-{color}-65fff64d",
            "targetType": "ip",
            "port": 8080,
            "protocol": "HTTP",
            "vpcId": UNKNOWN,
            "deregistrationDelay": 30,
            "healthCheck": {
                "enabled": True,
                "path": "/health",
                "protocol": "HTTP",
                "interval": 30,
                "timeout": 5,
                "healthyThreshold": 2,
                "unhealthyThreshold": 3,
                "matcher": "200",
            },
        }


def test_images_are_immutable_scanned_encrypted_and_kept_by_tier(orders: Graph, web: Graph) -> None:
    assert inputs(named(orders, "orders-images-repository")) == {
        "name": "orders/prod",
        "imageTagMutability": "IMMUTABLE",
        "imageScanningConfiguration": {"scanOnPush": True},
        "encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": UNKNOWN}],
    }

    def kept(graph: Graph, service: str) -> list[tuple[Json, Json]]:
        policy = parsed(named(graph, f"{service}-images-lifecycle"), "policy")
        assert isinstance(policy, dict)
        assert isinstance(policy["rules"], list)
        selections = [each["selection"] for each in policy["rules"] if isinstance(each, dict)]
        return [(each["countType"], each["countNumber"]) for each in selections if isinstance(each, dict)]

    assert kept(orders, "orders") == [("sinceImagePushed", 7), ("imageCountMoreThan", 30), ("imageCountMoreThan", 30)]
    assert kept(web, "web") == [("sinceImagePushed", 7), ("imageCountMoreThan", 5), ("imageCountMoreThan", 5)]
    assert (named(orders, "orders-images-repository").protect, named(web, "web-images-repository").protect) == (
        True,
        False,
    )
