"""Everything that a service becomes, written out: one line for each resource, below its parent."""

import pytest

from simulator.graph import Graph
from tests.components.conftest import below, component

WEB = """
compute:FargateService web
  appautoscaling:Policy web-scaling-cpu
  appautoscaling:Policy web-scaling-memory
  appautoscaling:Policy web-scaling-requests
  appautoscaling:Target web-scaling
  ec2:SecurityGroup web-sg
  ecs:Service web-service
  ecs:TaskDefinition web-task-definition
  iam:Role web-execution
  iam:Role web-task
  iam:RolePolicy web-execution-policy
  iam:RolePolicy web-task-policy
  vpc:SecurityGroupEgressRule web-sg-load-balancer-out
  vpc:SecurityGroupEgressRule web-sg-to-https
  vpc:SecurityGroupIngressRule web-sg-load-balancer-in
  concern:Alerting web-alerting
    cloudwatch:CompositeAlarm web-alerting-composite
    cloudwatch:MetricAlarm web-alerting-cpu
    cloudwatch:MetricAlarm web-alerting-http-5xx
    cloudwatch:MetricAlarm web-alerting-latency
    cloudwatch:MetricAlarm web-alerting-memory
    cloudwatch:MetricAlarm web-alerting-tasks
  concern:Delivery web-delivery
    cloudwatch:EventRule web-delivery-failed
    cloudwatch:EventTarget web-delivery-failed-page
  concern:Discovery web-discovery
  concern:Health web-health
    lb:TargetGroup web-health-blue
  concern:Images web-images
    ecr:LifecyclePolicy web-images-lifecycle
    ecr:Repository web-images-repository
  concern:Ingress web-ingress
    lb:ListenerRule web-ingress-rule
  concern:Observability web-observability
    cloudwatch:Dashboard web-observability-dashboard
    cloudwatch:LogGroup web-observability-logs
    cloudwatch:QueryDefinition web-observability-query-connections
    cloudwatch:QueryDefinition web-observability-query-endpoints
    cloudwatch:QueryDefinition web-observability-query-errors
    cloudwatch:QueryDefinition web-observability-query-slow
    xray:SamplingRule web-observability-sampling
  concern:Secrets web-secrets
"""

ORDERS = """
compute:FargateService orders
  appautoscaling:Policy orders-scaling-cpu
  appautoscaling:Policy orders-scaling-memory
  appautoscaling:Policy orders-scaling-requests
  appautoscaling:Target orders-scaling
  ec2:SecurityGroup orders-sg
  ecs:Service orders-service
  ecs:TaskDefinition orders-task-definition
  iam:Role orders-execution
  iam:Role orders-task
  iam:RolePolicy orders-execution-policy
  iam:RolePolicy orders-task-policy
  vpc:SecurityGroupEgressRule orders-sg-load-balancer-out
  vpc:SecurityGroupEgressRule orders-sg-to-https
  vpc:SecurityGroupEgressRule orders-sg-to-postgres
  vpc:SecurityGroupEgressRule orders-sg-to-redis
  vpc:SecurityGroupIngressRule orders-sg-load-balancer-in
  concern:Alerting orders-alerting
    cloudwatch:CompositeAlarm orders-alerting-composite
    cloudwatch:MetricAlarm orders-alerting-cpu
    cloudwatch:MetricAlarm orders-alerting-http-5xx
    cloudwatch:MetricAlarm orders-alerting-latency
    cloudwatch:MetricAlarm orders-alerting-memory
    cloudwatch:MetricAlarm orders-alerting-probe
    cloudwatch:MetricAlarm orders-alerting-tasks
  concern:Delivery orders-delivery
    cloudwatch:EventRule orders-delivery-failed
    cloudwatch:EventTarget orders-delivery-failed-page
    iam:Role orders-delivery-traffic
    iam:RolePolicy orders-delivery-traffic-policy
  concern:Discovery orders-discovery
    servicediscovery:Service orders-discovery-registry
    sns:Topic orders-discovery-placed
  concern:Health orders-health
    cloudwatch:LogGroup orders-health-probe-logs
    iam:Role orders-health-probe-role
    iam:RolePolicy orders-health-probe-role-policy
    lb:TargetGroup orders-health-blue
    lb:TargetGroup orders-health-green
    s3:BucketObjectv2 orders-health-probe-code
    synthetics:Canary orders-health-probe
  concern:Images orders-images
    ecr:LifecyclePolicy orders-images-lifecycle
    ecr:Repository orders-images-repository
  concern:Ingress orders-ingress
    lb:ListenerRule orders-ingress-rule
  concern:Observability orders-observability
    cloudwatch:Dashboard orders-observability-dashboard
    cloudwatch:LogGroup orders-observability-logs
    cloudwatch:QueryDefinition orders-observability-query-connections
    cloudwatch:QueryDefinition orders-observability-query-endpoints
    cloudwatch:QueryDefinition orders-observability-query-errors
    cloudwatch:QueryDefinition orders-observability-query-slow
    xray:SamplingRule orders-observability-sampling
  concern:Secrets orders-secrets
    ec2:SecurityGroup orders-secrets-rotate-postgres-database-url-sg
    ec2:SecurityGroup orders-secrets-rotate-postgres-sg
    ec2:SecurityGroup orders-secrets-rotate-redis-sg
    secretsmanager:Secret orders-secrets-api-token
    secretsmanager:Secret orders-secrets-cache-url
    secretsmanager:Secret orders-secrets-database-url
    secretsmanager:Secret orders-secrets-database-url-admin
    secretsmanager:SecretRotation orders-secrets-cache-url-rotation
    secretsmanager:SecretRotation orders-secrets-database-url-admin-rotation
    secretsmanager:SecretRotation orders-secrets-database-url-rotation
    secretsmanager:SecretVersion orders-secrets-api-token-placeholder
    secretsmanager:SecretVersion orders-secrets-cache-url-placeholder
    secretsmanager:SecretVersion orders-secrets-database-url-admin-placeholder
    secretsmanager:SecretVersion orders-secrets-database-url-placeholder
    serverlessrepository:CloudFormationStack orders-secrets-rotate-postgres
    serverlessrepository:CloudFormationStack orders-secrets-rotate-postgres-database-url
    serverlessrepository:CloudFormationStack orders-secrets-rotate-redis
    ssm:Parameter orders-secrets-currency
    vpc:SecurityGroupEgressRule orders-secrets-rotate-postgres-database-url-to-https
    vpc:SecurityGroupEgressRule orders-secrets-rotate-postgres-database-url-to-postgres
    vpc:SecurityGroupEgressRule orders-secrets-rotate-postgres-to-https
    vpc:SecurityGroupEgressRule orders-secrets-rotate-postgres-to-postgres
    vpc:SecurityGroupEgressRule orders-secrets-rotate-redis-to-https
    vpc:SecurityGroupEgressRule orders-secrets-rotate-redis-to-redis
"""

WORKER = """
compute:FargateService worker
  appautoscaling:Policy worker-scaling-backlog
  appautoscaling:Policy worker-scaling-cpu
  appautoscaling:Policy worker-scaling-memory
  appautoscaling:Target worker-scaling
  ec2:SecurityGroup worker-sg
  ecs:Service worker-service
  ecs:TaskDefinition worker-task-definition
  iam:Role worker-execution
  iam:Role worker-task
  iam:RolePolicy worker-execution-policy
  iam:RolePolicy worker-task-policy
  vpc:SecurityGroupEgressRule worker-sg-to-https
  concern:Alerting worker-alerting
    cloudwatch:CompositeAlarm worker-alerting-composite
    cloudwatch:MetricAlarm worker-alerting-cpu
    cloudwatch:MetricAlarm worker-alerting-memory
    cloudwatch:MetricAlarm worker-alerting-queue-age
    cloudwatch:MetricAlarm worker-alerting-queue-dead
    cloudwatch:MetricAlarm worker-alerting-tasks
  concern:Delivery worker-delivery
    cloudwatch:EventRule worker-delivery-failed
    cloudwatch:EventTarget worker-delivery-failed-page
  concern:Discovery worker-discovery
  concern:Health worker-health
  concern:Images worker-images
    ecr:LifecyclePolicy worker-images-lifecycle
    ecr:Repository worker-images-repository
  concern:Ingress worker-ingress
    sns:TopicSubscription worker-ingress-from-shop-placed
    sqs:Queue worker-ingress-queue
    sqs:Queue worker-ingress-queue-dead
    sqs:QueuePolicy worker-ingress-queue-dead-policy
    sqs:QueuePolicy worker-ingress-queue-policy
  concern:Observability worker-observability
    cloudwatch:Dashboard worker-observability-dashboard
    cloudwatch:LogGroup worker-observability-logs
    cloudwatch:QueryDefinition worker-observability-query-connections
    cloudwatch:QueryDefinition worker-observability-query-endpoints
    cloudwatch:QueryDefinition worker-observability-query-errors
    cloudwatch:QueryDefinition worker-observability-query-slow
    xray:SamplingRule worker-observability-sampling
  concern:Secrets worker-secrets
"""

BUSY = """
compute:LambdaFunction busy
  ec2:SecurityGroup busy-sg
  iam:Role busy-role
  iam:RolePolicy busy-role-policy
  lambda:Alias busy-alias
  lambda:Function busy-function
  lambda:FunctionEventInvokeConfig busy-failures
  sqs:Queue busy-failed
  vpc:SecurityGroupEgressRule busy-sg-to-https
  vpc:SecurityGroupEgressRule busy-sg-to-postgres
  concern:Alerting busy-alerting
    cloudwatch:CompositeAlarm busy-alerting-composite
    cloudwatch:MetricAlarm busy-alerting-concurrency
    cloudwatch:MetricAlarm busy-alerting-duration
    cloudwatch:MetricAlarm busy-alerting-errors
    cloudwatch:MetricAlarm busy-alerting-failed-events
    cloudwatch:MetricAlarm busy-alerting-memory
    cloudwatch:MetricAlarm busy-alerting-memory-warning
    cloudwatch:MetricAlarm busy-alerting-queue-age
    cloudwatch:MetricAlarm busy-alerting-queue-dead
    cloudwatch:MetricAlarm busy-alerting-throttles
  concern:Delivery busy-delivery
    cloudwatch:EventRule busy-delivery-failed
    cloudwatch:EventTarget busy-delivery-failed-page
    codedeploy:Application busy-delivery-application
    codedeploy:DeploymentGroup busy-delivery-group
    iam:Role busy-delivery-role
    iam:RolePolicy busy-delivery-role-policy
  concern:Discovery busy-discovery
  concern:Health busy-health
  concern:Ingress busy-ingress
    cloudwatch:EventRule busy-ingress-events
    cloudwatch:EventRule busy-ingress-schedule
    cloudwatch:EventTarget busy-ingress-events-target
    cloudwatch:EventTarget busy-ingress-schedule-target
    lambda:EventSourceMapping busy-ingress-from-queue
    lambda:Permission busy-ingress-events-permission
    lambda:Permission busy-ingress-schedule-permission
    sqs:Queue busy-ingress-queue
    sqs:Queue busy-ingress-queue-dead
    sqs:QueuePolicy busy-failed-policy
  concern:Observability busy-observability
    cloudwatch:Dashboard busy-observability-dashboard
    cloudwatch:LogGroup busy-observability-logs
    cloudwatch:QueryDefinition busy-observability-query-connections
    cloudwatch:QueryDefinition busy-observability-query-endpoints
    cloudwatch:QueryDefinition busy-observability-query-errors
    cloudwatch:QueryDefinition busy-observability-query-slow
    xray:SamplingRule busy-observability-sampling
  concern:Secrets busy-secrets
    ec2:SecurityGroup busy-secrets-rotate-postgres-database-url-sg
    ec2:SecurityGroup busy-secrets-rotate-postgres-sg
    secretsmanager:Secret busy-secrets-database-url
    secretsmanager:Secret busy-secrets-database-url-admin
    secretsmanager:SecretRotation busy-secrets-database-url-admin-rotation
    secretsmanager:SecretRotation busy-secrets-database-url-rotation
    secretsmanager:SecretVersion busy-secrets-database-url-admin-placeholder
    secretsmanager:SecretVersion busy-secrets-database-url-placeholder
    serverlessrepository:CloudFormationStack busy-secrets-rotate-postgres
    serverlessrepository:CloudFormationStack busy-secrets-rotate-postgres-database-url
    ssm:Parameter busy-secrets-mode
    vpc:SecurityGroupEgressRule busy-secrets-rotate-postgres-database-url-to-https
    vpc:SecurityGroupEgressRule busy-secrets-rotate-postgres-database-url-to-postgres
    vpc:SecurityGroupEgressRule busy-secrets-rotate-postgres-to-https
    vpc:SecurityGroupEgressRule busy-secrets-rotate-postgres-to-postgres
"""

FRONT = """
compute:LambdaFunction front
  ec2:SecurityGroup front-sg
  iam:Role front-role
  iam:RolePolicy front-role-policy
  lambda:Alias front-alias
  lambda:Function front-function
  lambda:FunctionEventInvokeConfig front-failures
  sqs:Queue front-failed
  vpc:SecurityGroupEgressRule front-sg-to-https
  concern:Alerting front-alerting
    cloudwatch:CompositeAlarm front-alerting-composite
    cloudwatch:MetricAlarm front-alerting-concurrency
    cloudwatch:MetricAlarm front-alerting-duration
    cloudwatch:MetricAlarm front-alerting-errors
    cloudwatch:MetricAlarm front-alerting-failed-events
    cloudwatch:MetricAlarm front-alerting-http-5xx
    cloudwatch:MetricAlarm front-alerting-latency
    cloudwatch:MetricAlarm front-alerting-memory
    cloudwatch:MetricAlarm front-alerting-memory-warning
    cloudwatch:MetricAlarm front-alerting-throttles
  concern:Delivery front-delivery
    cloudwatch:EventRule front-delivery-failed
    cloudwatch:EventTarget front-delivery-failed-page
    codedeploy:Application front-delivery-application
    codedeploy:DeploymentGroup front-delivery-group
    iam:Role front-delivery-role
    iam:RolePolicy front-delivery-role-policy
  concern:Discovery front-discovery
  concern:Health front-health
    lb:TargetGroup front-health-blue
  concern:Ingress front-ingress
    lambda:Permission front-ingress-load-balancer-permission
    lb:ListenerRule front-ingress-rule
    lb:TargetGroupAttachment front-ingress-attachment
  concern:Observability front-observability
    cloudwatch:Dashboard front-observability-dashboard
    cloudwatch:LogGroup front-observability-logs
    cloudwatch:QueryDefinition front-observability-query-connections
    cloudwatch:QueryDefinition front-observability-query-endpoints
    cloudwatch:QueryDefinition front-observability-query-errors
    cloudwatch:QueryDefinition front-observability-query-slow
    xray:SamplingRule front-observability-sampling
  concern:Secrets front-secrets
"""


def drawn(graph: Graph, service: str) -> str:
    """The tree below a service's component: package and kind of each resource, and its name."""
    top = component(graph, service)
    depth = {top.parent: -1}
    lines = [""]
    for each in (top, *below(graph, top.urn)):
        depth[each.urn] = depth[each.parent] + 1
        package, module, kind = each.type.split(":")
        short = module if package == "onramp" else module.split("/")[0]
        lines.append(f"{'  ' * depth[each.urn]}{short}:{kind} {each.name}")
    return "\n".join([*lines, ""])


@pytest.mark.parametrize(
    ("service", "tree"),
    [("web", WEB), ("orders", ORDERS), ("worker", WORKER), ("busy", BUSY), ("front", FRONT)],
)
def test_a_service_becomes_exactly_this(request: pytest.FixtureRequest, service: str, tree: str) -> None:
    assert drawn(request.getfixturevalue(service), service) == tree
