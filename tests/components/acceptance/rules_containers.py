"""ECS: tasks, services, and how they scale."""

import re
from collections.abc import Iterator
from typing import Any, Final

from simulator.graph import Graph
from tests.components.acceptance.looking import (
    ALARM,
    FUNCTION,
    SCALING_POLICY,
    SCALING_TARGET,
    SERVICE,
    TASK,
    Inputs,
    document,
    known,
    listed,
    of,
    one,
    refers_to,
)

TASK_MAX_BYTES: Final = 65_536
HEALTH_RANGES: Final = {"interval": (5, 300), "timeout": (2, 120), "retries": (1, 10), "startPeriod": (0, 300)}
SECRET_ARN: Final = re.compile(
    r"arn:aws[a-z-]*:(secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]+(:[^:]*:[^:]*:[^:]*)?"
    r"|ssm:[a-z0-9-]+:\d{12}:parameter/[\w./-]+)"
)
METRICS_MAX: Final = 10
ID: Final = re.compile(r"[a-z]\w{0,254}", re.ASCII)
MEMORY: Final = {
    256: {512, 1024, 2048},
    512: set(range(1024, 4097, 1024)),
    1024: set(range(2048, 8193, 1024)),
    2048: set(range(4096, 16385, 1024)),
    4096: set(range(8192, 30721, 1024)),
    8192: set(range(16384, 61441, 4096)),
    16384: set(range(32768, 122881, 8192)),
}
"""Memory (MiB) by CPU units: ECS developer guide, Fargate task definition differences."""


def task_sizes_are_legal(graph: Graph) -> Iterator[str]:
    """ECS developer guide, Fargate: the table of CPU and memory; awsvpc network; 64 KiB for a task definition."""
    for resource, inputs in of(graph, TASK):
        if int(inputs["memory"]) not in MEMORY.get(int(inputs["cpu"]), set[int]()):
            yield f"{resource.name}: cpu {inputs['cpu']} with memory {inputs['memory']}"
        if inputs["networkMode"] != "awsvpc" or inputs["requiresCompatibilities"] != ["FARGATE"]:
            yield f"{resource.name}: not for Fargate"
        if len(inputs["containerDefinitions"].encode()) > TASK_MAX_BYTES:
            yield f"{resource.name}: {len(inputs['containerDefinitions'])} bytes"


def containers_are_consistent(graph: Graph) -> Iterator[str]:
    """ECS API, ContainerDefinition: one is essential, names differ, volumes exist, health checks are in range."""
    for resource, inputs in of(graph, TASK):
        containers: list[Inputs] = document(inputs["containerDefinitions"])
        names = [container["name"] for container in containers]
        if len(names) != len(set(names)) or not all(re.fullmatch(r"[\w-]{1,255}", name) for name in names):
            yield f"{resource.name}: containers {names}"
        if not any(container.get("essential", True) for container in containers):
            yield f"{resource.name}: no container is essential"
        volumes = {volume["name"] for volume in inputs.get("volumes", [])}
        for container in containers:
            problems = container_problems(container, volumes)
            yield from (f"{resource.name}/{container['name']}: {problem}" for problem in problems)


def container_problems(container: Inputs, volumes: set[str]) -> Iterator[str]:
    """What ECS would refuse in one container of a task that has these volumes."""
    for mount in container.get("mountPoints", []):
        if mount["sourceVolume"] not in volumes:
            yield f"no volume {mount['sourceVolume']}"
    check = container.get("healthCheck", {})
    for key, (least, most) in HEALTH_RANGES.items():
        if key in check and not least <= check[key] <= most:
            yield f"healthCheck.{key} {check[key]}"
    if check and check["command"][0] not in ("CMD", "CMD-SHELL"):
        yield f"healthCheck.command {check['command']}"
    for secret in container.get("secrets", []):
        if not SECRET_ARN.fullmatch(secret["valueFrom"]):
            yield f"secret {secret['name']} from {secret['valueFrom']}"
    variables = [entry["name"] for key in ("environment", "secrets") for entry in container.get(key, [])]
    if len(variables) != len(set(variables)):
        yield f"a variable is set twice: {variables}"
    if not re.fullmatch(r"[\w.-]+(/[\w.-]+)+(:[\w.-]{1,128}|@sha256:[0-9a-f]{64})", container["image"]):
        yield f"image {container['image']}"


def services_fit_their_tasks(graph: Graph) -> Iterator[str]:
    """ECS API, CreateService: container, port and port name of a service are those of its task definition."""
    for resource, inputs in of(graph, SERVICE):
        task = refers_to(graph, resource, "taskDefinition")
        ports = {
            (container["name"], port["containerPort"]): port.get("name")
            for container in document(task["containerDefinitions"])
            for port in container.get("portMappings", [])
        }
        for balancer in listed(inputs.get("loadBalancers")):
            if (balancer["containerName"], balancer["containerPort"]) not in ports:
                yield f"{resource.name}: no port {balancer['containerPort']} of {balancer['containerName']}"
        for offered in listed(inputs.get("serviceConnectConfiguration", {}).get("services")):
            if offered["portName"] not in ports.values():
                yield f"{resource.name}: no port is called {offered['portName']}"


def deployments_do_not_contradict(graph: Graph) -> Iterator[str]:
    """ECS API, DeploymentConfiguration: blue/green needs both target groups, the rule and a role; alarms exist."""
    alarms = {inputs["name"] for _, inputs in of(graph, ALARM)}
    for resource, inputs in of(graph, SERVICE):
        balancers = listed(inputs.get("loadBalancers"))
        if known(inputs.get("healthCheckGracePeriodSeconds")) and not balancers:
            yield f"{resource.name}: a grace period without a load balancer"
        if inputs["deploymentController"]["type"] == "CODE_DEPLOY":
            continue
        strategy = inputs["deploymentConfiguration"]["strategy"]
        advanced = [one(balancer.get("advancedConfiguration")) for balancer in balancers]
        if strategy != "ROLLING" and not (advanced and all(map(_is_complete, advanced))):
            yield f"{resource.name}: {strategy} without advancedConfiguration and role"
        if strategy == "ROLLING" and any(advanced):
            yield f"{resource.name}: ROLLING with advancedConfiguration"
        if not 0 <= int(inputs["deploymentConfiguration"].get("bakeTimeInMinutes") or 0) <= 1440:
            yield f"{resource.name}: bake time"
        watched = inputs.get("alarms") or {"alarmNames": [*alarms]}
        missing = set(watched["alarmNames"]) - alarms
        if missing or not watched["alarmNames"]:
            yield f"{resource.name}: alarms that do not exist: {sorted(missing)}"
        if inputs["deploymentMinimumHealthyPercent"] >= inputs["deploymentMaximumPercent"]:
            yield f"{resource.name}: nothing could be replaced"


def _is_complete(advanced: Any) -> bool:
    wanted = ("alternateTargetGroupArn", "productionListenerRule", "roleArn")
    return advanced is not None and all(advanced.get(key) for key in wanted)


def scaling_is_consistent(graph: Graph) -> Iterator[str]:
    """Application Auto Scaling API: service/cluster/name, minimum below maximum, one result of at most ten metrics."""
    services = {inputs["name"] for _, inputs in of(graph, SERVICE)}
    functions = {inputs["name"] for _, inputs in of(graph, FUNCTION)}
    targets: set[str] = set()
    for resource, inputs in of(graph, SCALING_TARGET):
        if inputs["serviceNamespace"] == "sagemaker":
            continue
        targets.add(inputs["resourceId"])
        kind, *parts = re.split(r"[/:]", inputs["resourceId"])
        if {"service": parts[-1], "function": parts[0]}.get(kind) not in services | functions:
            yield f"{resource.name}: {inputs['resourceId']}"
        if not 0 <= inputs["minCapacity"] <= inputs["maxCapacity"]:
            yield f"{resource.name}: {inputs['minCapacity']} to {inputs['maxCapacity']}"
    for resource, inputs in of(graph, SCALING_POLICY):
        if inputs["serviceNamespace"] == "sagemaker":
            continue
        if inputs["resourceId"] not in targets:
            yield f"{resource.name}: no target {inputs['resourceId']}"
        tracking = inputs["targetTrackingScalingPolicyConfiguration"]
        predefined, custom = (tracking.get(f"{kind}MetricSpecification") for kind in ("predefined", "customized"))
        if bool(predefined) == bool(custom):
            yield f"{resource.name}: exactly one of predefined and customized"
        elif custom:
            yield from (f"{resource.name}: {problem}" for problem in query_problems(custom["metrics"]))


def query_problems(queries: list[Inputs]) -> Iterator[str]:
    """What CloudWatch refuses in metric math: see the CloudWatch API, MetricDataQuery."""
    ids = [query["id"] for query in queries]
    if len(ids) != len(set(ids)) or not all(ID.fullmatch(found) for found in ids):
        yield f"ids {ids}"
    if len(queries) > METRICS_MAX:
        yield f"{len(queries)} metrics"
    returned = [query["id"] for query in queries if query.get("returnData", False)]
    if len(returned) != 1:
        yield f"{len(returned)} of them return data"
    for query in queries:
        expression = query.get("expression")
        if (expression is None) == (query.get("metric") is None and query.get("metricStat") is None):
            yield f"{query['id']}: exactly one of expression and metric"
        for used in re.findall(r"\b[a-z]\w*\b", expression or ""):
            if used not in ids:
                yield f"{query['id']}: {used} is not defined"


RULES: Final = (
    task_sizes_are_legal,
    containers_are_consistent,
    services_fit_their_tasks,
    deployments_do_not_contradict,
    scaling_is_consistent,
)
