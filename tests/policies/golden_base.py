"""What the good environment has beneath its services: a network, a bucket, messages; and what all of a type have."""

import copy
from typing import Final

from policies import kinds
from stacks.standards import LOG_RETENTION_DAYS, REQUIRED_TAGS, Tier
from tests.policies.draft import Draft, Json, Text

_UNKNOWN: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_TAGS: Final = dict.fromkeys(REQUIRED_TAGS, "news")
_KEY: Final = "arn:aws:kms:eu-west-1:111122223333:key/1"
_QUEUES: Final = "arn:aws:sqs:eu-west-1:111122223333"
_ZONES: Final = ("eu-west-1a", "eu-west-1b")
BUCKET, QUEUE, TOPIC, SUBSCRIPTION = "logs", "orders", "placed", "orders-from-placed"
FRONT, WAY_OUT = "front-https", "front-out"

_OF_ALL: Final[dict[str, dict[str, Json]]] = {
    kinds.METRIC_ALARM: {
        "alarmDescription": "Runbook: https://runbooks.example.com/",
        "dimensions": {"Service": "x"},
        "namespace": "AWS/Example",
    },
    kinds.COMPOSITE_ALARM: {"alarmDescription": "Runbook: https://runbooks.example.com/"},
    kinds.LOG_GROUP: {"kmsKeyId": _KEY},
    kinds.TOPIC: {"kmsMasterKeyId": _KEY},
    kinds.QUEUE: {"kmsMasterKeyId": _KEY, "messageRetentionSeconds": 1_209_600},
    kinds.SECRET: {"kmsKeyId": _KEY, "recoveryWindowInDays": 30},
    kinds.REPOSITORY: {"encryptionConfigurations": [{"encryptionType": "KMS", "kmsKey": _KEY}]},
    kinds.FUNCTION: {"kmsKeyArn": _KEY, "runtime": "python3.13"},
    kinds.KEY: {"enableKeyRotation": True},
    kinds.TRAIL: {
        "kmsKeyId": _KEY,
        "enableLogFileValidation": True,
        "isMultiRegionTrail": True,
        "includeGlobalServiceEvents": True,
    },
    kinds.FLOW_LOG: {"trafficType": "ALL"},
    kinds.LOAD_BALANCER: {"accessLogs": {"enabled": True, "bucket": BUCKET}},
    kinds.VPC_ENDPOINT: {"vpcEndpointType": "Interface", "privateDnsEnabled": True},
    kinds.ECS_SERVICE: {
        "platformVersion": "LATEST",
        "propagateTags": "SERVICE",
        "deploymentMinimumHealthyPercent": 100,
    },
    kinds.TASK_DEFINITION: {"runtimePlatform": {"cpuArchitecture": "ARM64"}, "skipDestroy": True},
    kinds.TABLE: {"billingMode": "PAY_PER_REQUEST"},
    kinds.DATABASE: {
        "username": "owner",
        "autoMinorVersionUpgrade": True,
        "copyTagsToSnapshot": True,
        "enabledCloudwatchLogsExports": ["postgresql"],
        "finalSnapshotIdentifier": "last",
        "monitoringInterval": 60,
        "skipFinalSnapshot": False,
    },
    kinds.DATABASE_CLUSTER: {
        "masterUsername": "owner",
        "copyTagsToSnapshot": True,
        "enabledCloudwatchLogsExports": ["postgresql"],
        "finalSnapshotIdentifier": "last",
        "skipFinalSnapshot": False,
    },
    kinds.CLUSTER_MEMBER: {"autoMinorVersionUpgrade": True, "monitoringInterval": 60},
}
"""Inputs that every resource of a type has unless it says otherwise."""


def complete(draft: Draft, tier: Tier) -> Draft:
    """Give all resources what all of their type have."""
    for node in draft.nodes.values():
        given = copy.deepcopy(_OF_ALL.get(node.type, {}))
        if node.type == kinds.LOG_GROUP:
            given["retentionInDays"] = LOG_RETENTION_DAYS[tier]
        if node.type == kinds.TARGET_GROUP and "targetType" not in node.inputs:
            given["targetType"] = "ip"
        node.inputs = {**given, **node.inputs}
    return draft


def network(draft: Draft, tier: Tier) -> None:
    """Public, private and isolated subnets in two zones, and a NAT gateway for each zone in prod, else for all."""
    draft.add("igw", kinds.INTERNET_GATEWAY, "vpc", tags=_TAGS)
    for place, zone in enumerate(_ZONES, start=1):
        nat = place if tier == "prod" else 1
        _subnet(draft, f"public-{place}", f"10.0.{place}.0/24", zone, {"gatewayId": "igw"})
        if place == nat:
            draft.add(
                f"nat-{place}", kinds.NAT_GATEWAY, "vpc", {"subnetId": f"public-{place}"}, subnetId=_UNKNOWN, tags=_TAGS
            )
        _subnet(draft, f"private-{place}", f"10.0.{10 + place}.0/24", zone, {"natGatewayId": f"nat-{nat}"})
        _subnet(draft, f"isolated-{place}", f"10.0.{20 + place}.0/24", zone, {})
    draft.add(
        "database-subnets",
        kinds.DATABASE_SUBNETS,
        "network",
        {"subnetIds": "isolated-1 isolated-2"},
        name="prod-databases",
        subnetIds=_UNKNOWN,
        tags=_TAGS,
    )


def _subnet(draft: Draft, name: str, block: str, zone: str, way: dict[str, str]) -> None:
    draft.add(
        name,
        kinds.SUBNET,
        "vpc",
        availabilityZone=zone,
        cidrBlock=block,
        mapPublicIpOnLaunch="gatewayId" in way,
        tags=_TAGS,
    )
    table = f"{name}-table"
    draft.add(table, kinds.ROUTE_TABLE, "vpc", tags=_TAGS)
    draft.add(
        f"{name}-association",
        kinds.ROUTE_TABLE_ASSOCIATION,
        "vpc",
        {"routeTableId": table, "subnetId": name},
        routeTableId=_UNKNOWN,
        subnetId=_UNKNOWN,
    )
    if way:
        refers = {"routeTableId": table, **way}
        draft.add(
            f"{name}-route",
            kinds.ROUTE,
            "vpc",
            refers,
            destinationCidrBlock="0.0.0.0/0",
            **dict.fromkeys(refers, _UNKNOWN),
        )


def front(draft: Draft, balancer: str) -> None:
    """The group of the load balancer: who gets in, and where its requests are logged."""
    draft.nodes[balancer].refers["securityGroups"] = ["front"]
    draft.set(balancer, "securityGroups", [_UNKNOWN])
    draft.add("front", kinds.SECURITY_GROUP, "base", tags=_TAGS)
    ports: dict[str, Json] = {"ipProtocol": "tcp", "fromPort": 443, "toPort": 443, "tags": _TAGS}
    group = {"securityGroupId": "front"}
    draft.add(FRONT, kinds.INGRESS_RULE, "base", group, securityGroupId=_UNKNOWN, cidrIpv4="0.0.0.0/0", **ports)
    draft.add(WAY_OUT, kinds.EGRESS_RULE, "base", group, securityGroupId=_UNKNOWN, cidrIpv4="0.0.0.0/0", **ports)
    draft.add(BUCKET, kinds.BUCKET, "base", bucket=BUCKET, tags=_TAGS)
    plain = {"Effect": "Deny", "Principal": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}
    draft.add(f"{BUCKET}-policy", kinds.BUCKET_POLICY, "base", bucket=BUCKET, policy=Text({"Statement": [plain]}))
    doors = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    draft.add(f"{BUCKET}-private", kinds.BUCKET_PRIVATE, "base", bucket=BUCKET, **dict.fromkeys(doors, True))
    algorithm = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
    draft.add(f"{BUCKET}-encryption", kinds.BUCKET_ENCRYPTION, "base", bucket=BUCKET, rules=[algorithm])
    versions = {"status": "Enabled"}
    draft.add(f"{BUCKET}-versions", kinds.BUCKET_VERSIONING, "base", bucket=BUCKET, versioningConfiguration=versions)
    ends = [{"status": "Enabled", "expiration": {"days": 365}}]
    draft.add(f"{BUCKET}-ends", kinds.BUCKET_LIFECYCLE, "base", bucket=BUCKET, rules=ends)
    passing = {
        "Effect": "Allow",
        "Action": ["iam:PassRole"],
        "Resource": ["arn:aws:iam::111122223333:role/prod-delivery"],
        "Condition": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
    }
    draft.add("delivery-policy", kinds.ROLE_POLICY, "base", policy=Text({"Statement": [passing]}))


def messages(draft: Draft, service: str) -> None:
    """A topic that is delivered into the service's queue, what is given up, and who hears of that."""
    dead = f"{QUEUE}-dead"
    redrive = {"deadLetterTargetArn": f"{_QUEUES}:{dead}", "maxReceiveCount": 3}
    draft.add(dead, kinds.QUEUE, service, name=dead, tags=_TAGS)
    draft.add(QUEUE, kinds.QUEUE, service, name=QUEUE, redrivePolicy=Text(redrive), tags=_TAGS)
    draft.add(TOPIC, kinds.TOPIC, service, name=TOPIC, tags=_TAGS)
    senders = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:eu-west-1:111122223333:placed"}},
    }
    draft.add(
        f"{QUEUE}-policy",
        kinds.QUEUE_POLICY,
        service,
        {"queueUrl": QUEUE},
        queueUrl=_UNKNOWN,
        policy=Text({"Statement": [senders]}),
    )
    draft.add(
        SUBSCRIPTION,
        kinds.TOPIC_SUBSCRIPTION,
        service,
        {"endpoint": QUEUE, "topic": TOPIC},
        protocol="sqs",
        endpoint=_UNKNOWN,
        topic=_UNKNOWN,
        redrivePolicy=Text({"deadLetterTargetArn": f"{_QUEUES}:{dead}"}),
    )
    draft.add(
        f"{dead}-alarm",
        kinds.METRIC_ALARM,
        service,
        name=f"{dead}-alarm",
        metricName="ApproximateNumberOfMessagesVisible",
        dimensions={"QueueName": dead},
        comparisonOperator="GreaterThanThreshold",
        threshold=0,
        alarmActions=["arn:aws:sns:eu-west-1:111122223333:paging"],
        tags=_TAGS,
    )


def scaled(draft: Draft, service: str) -> None:
    """What changes the number of tasks of the container service called `service`."""
    of: dict[str, Json] = {"resourceId": f"service/prod/{service}", "scalableDimension": "ecs:service:DesiredCount"}
    draft.add(f"{service}-scaling", kinds.SCALING_TARGET, service, minCapacity=2, maxCapacity=10, tags=_TAGS, **of)
    tracking = {
        "targetValue": 70,
        "predefinedMetricSpecification": {"predefinedMetricType": "ECSServiceAverageCPUUtilization"},
    }
    draft.add(
        f"{service}-scaling-cpu",
        kinds.SCALING_POLICY,
        service,
        name="cpu",
        targetTrackingScalingPolicyConfiguration=tracking,
        **of,
    )
