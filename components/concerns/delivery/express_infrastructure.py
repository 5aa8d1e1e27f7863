"""What ECS may do for an Express service: the load balancer, its doors, certificate, alarm and scaling, and no others.

AWS has a managed policy for it (AmazonECSInfrastructureRoleforExpressGatewayServices). These are its statements as of
version 6, bound to this account and region; what ECS makes carries the tag `AmazonECSManaged`, and only that changes.
When a new version of ECS asks for more, the event of the service says which action is missing.
"""

from collections.abc import Sequence

from components.iam import Statement, unscoped
from components.scope import Scope
from stacks.source import Json

_ITS_OWN: Json = {"StringEquals": {"aws:ResourceTag/AmazonECSManaged": "true"}}
_TAGGED_AS_ITS_OWN: Json = {"StringEquals": {"aws:RequestTag/AmazonECSManaged": "true"}}


def infrastructure_statements(scope: Scope) -> list[Statement]:
    """All statements of the infrastructure role."""
    return [
        *_load_balancer(scope),
        *_security_groups(scope),
        *_certificate_and_scaling(scope),
        *_watching(scope),
        _linked_roles(scope),
        unscoped(
            "Look",
            [
                "ec2:DescribeAccountAttributes",
                "ec2:DescribeRouteTables",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
                "elasticloadbalancing:DescribeListeners",
                "elasticloadbalancing:DescribeLoadBalancers",
                "elasticloadbalancing:DescribeRules",
                "elasticloadbalancing:DescribeTargetGroups",
                "elasticloadbalancing:DescribeTargetHealth",
                "logs:DescribeLogGroups",
            ],
        ),
    ]


def _load_balancer(scope: Scope) -> list[Statement]:
    kinds = ("loadbalancer/app/*/*", "listener/app/*/*/*", "listener-rule/app/*/*/*/*", "targetgroup/*/*")
    parts = [scope.arn("elasticloadbalancing", kind) for kind in kinds]
    things = ("Listener", "LoadBalancer", "Rule", "TargetGroup")
    changes = [
        *(f"{verb}{thing}" for thing in things for verb in ("Create", "Delete")),
        "AddListenerCertificates",
        "DeregisterTargets",
        "ModifyListener",
        "ModifyRule",
        "RegisterTargets",
        "RemoveListenerCertificates",
    ]
    created: Json = {
        "StringEquals": {"elasticloadbalancing:CreateAction": list[Json]([f"Create{thing}" for thing in things])}
    }
    return [
        _statement("Balance", "elasticloadbalancing", changes, parts, _ITS_OWN),
        _statement("TagBalancer", "elasticloadbalancing", ["AddTags"], parts, created),
    ]


def _security_groups(scope: Scope) -> list[Statement]:
    groups, rules, networks = (
        scope.arn("ec2", f"{kind}/*") for kind in ("security-group", "security-group-rule", "vpc")
    )
    opening = ["AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress"]
    closing = ["DeleteSecurityGroup", "RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress"]
    created: Json = {"StringEquals": {"ec2:CreateAction": list[Json](["CreateSecurityGroup", *opening[::-1]])}}
    return [
        # A group is made in a network, which carries no tag of ECS.
        _statement("MakeGroupIn", "ec2", ["CreateSecurityGroup"], [networks]),
        _statement("MakeGroup", "ec2", ["CreateSecurityGroup", *opening], [groups, rules], _TAGGED_AS_ITS_OWN),
        _statement("ChangeGroup", "ec2", [*opening, *closing], [groups], _ITS_OWN),
        _statement("TagGroup", "ec2", ["CreateTags"], [groups, rules], created),
    ]


def _certificate_and_scaling(scope: Scope) -> list[Statement]:
    certificates = [scope.arn("acm", "certificate/*")]
    targets = [scope.arn("application-autoscaling", "scalable-target/*")]
    of_ecs: Json = {"StringEquals": {"application-autoscaling:service-namespace": "ecs"}}
    proving = ["AddTagsToCertificate", "DeleteCertificate", "DescribeCertificate", "RequestCertificate"]
    registering = ["DeregisterScalableTarget", "RegisterScalableTarget", "TagResource"]
    looking = ["DescribeScalableTargets", "DescribeScalingActivities", "DescribeScalingPolicies"]
    scaling = "application-autoscaling"
    return [
        _statement("Certify", "acm", proving, certificates, _ITS_OWN),
        _statement("Register", scaling, registering, targets, _ITS_OWN),
        _statement("Scale", scaling, ["DeleteScalingPolicy", "PutScalingPolicy"], targets, of_ecs),
        _statement("LookAtScaling", scaling, looking, targets),
    ]


def _watching(scope: Scope) -> list[Statement]:
    alarms = [scope.arn("cloudwatch", "alarm:*")]
    logs = [scope.arn("logs", "log-group:*")]
    return [
        _statement("MakeAlarm", "cloudwatch", ["PutMetricAlarm", "TagResource"], alarms, _TAGGED_AS_ITS_OWN),
        _statement("WatchAlarm", "cloudwatch", ["DeleteAlarms", "DescribeAlarms"], alarms, _ITS_OWN),
        _statement("MakeLog", "logs", ["CreateLogGroup", "TagResource"], logs, _TAGGED_AS_ITS_OWN),
    ]


def _linked_roles(scope: Scope) -> Statement:
    """The roles that scaling and load balancing have in every account, made when the first service needs them."""
    services = ["ecs.application-autoscaling.amazonaws.com", "elasticloadbalancing.amazonaws.com"]
    return Statement(
        sid="LinkedRoles",
        actions=["iam:CreateServiceLinkedRole"],
        resources=[scope.role_arn(f"aws-service-role/{service}/*") for service in services],
        condition={"StringEquals": {"iam:AWSServiceName": list[Json](services)}},
    )


def _statement(
    sid: str, service: str, actions: Sequence[str], resources: Sequence[str], condition: Json = None
) -> Statement:
    return Statement(
        sid=sid, actions=sorted(f"{service}:{action}" for action in actions), resources=resources, condition=condition
    )
