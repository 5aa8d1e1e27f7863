"""Breakages of what is beneath the services: network, buckets, keys, messages, and the form of what all have."""

from policies import kinds
from stacks.standards import AGENT_TOOLS_FORBIDDEN, AGENT_TOOLS_MANY
from tests.policies.breaks import FUNCTION, OFF, ON, SERVICE, TASK, Break, extra, gone, put, without
from tests.policies.draft import Change, Draft, Text
from tests.policies.golden import FARGATE, LAMBDA, TAGS
from tests.policies.golden_base import BUCKET, FRONT, QUEUE, SUBSCRIPTION, TOPIC, WAY_OUT
from tests.policies.golden_stores import CLUSTER, INSTANCE, MEMBERS, TABLE

_ROLE = f"{FARGATE}-role"
_SCALING = f"{FARGATE}-scaling"
_DOCUMENT = "policy.Statement.0"


def leads(name: str, key: str, to: str) -> Change:
    """An input that refers to something else."""

    def change(draft: Draft) -> None:
        draft.nodes[name].refers[key] = [to]

    return change


def second_gateway(draft: Draft) -> None:
    draft.add("nat-2", kinds.NAT_GATEWAY, "vpc", tags=TAGS)


def one_zone(draft: Draft) -> None:
    for name, node in draft.nodes.items():
        if node.type == kinds.SUBNET:
            draft.set(name, "availabilityZone", "eu-west-1a")
        # A member of the cluster in another zone is another matter.


def isolated_with_a_way_out(draft: Draft) -> None:
    refers = {"routeTableId": "isolated-1-table", "natGatewayId": "nat-1"}
    draft.add("leak", kinds.ROUTE, "vpc", refers, routeTableId="x", natGatewayId="x")


def lets_addresses_in(draft: Draft) -> None:
    draft.unset(f"{FARGATE}-ingress", "referencedSecurityGroupId")
    draft.set(f"{FARGATE}-ingress", "cidrIpv4", "10.0.0.0/16")


def six_targets(draft: Draft) -> None:
    for place in range(5):
        draft.add(f"more-{place}", kinds.EVENT_TARGET, FARGATE, rule=f"{FARGATE}-failed", arn="arn:aws:sqs:x:1:y")


def shared_policy(**statement: object) -> Change:
    inner = {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": ["arn:aws:sqs:x:1:y"], **statement}
    return lambda draft: draft.add("loose", kinds.ROLE_POLICY, "base", policy=Text({"Statement": [inner]}))


def trusts_an_account(draft: Draft) -> None:
    draft.set(_ROLE, "assumeRolePolicy.Statement.0.Principal", {"AWS": "arn:aws:iam::222233334444:root"})


def tools(count: int) -> Change:
    return put(FARGATE, "tools", [f"tool-{place}" for place in range(count)])


def permission(**inputs: str) -> Change:
    return extra(kinds.FUNCTION_PERMISSION, LAMBDA, principal="events.amazonaws.com", **inputs)


BREAKS_BASE = (
    # buckets
    Break("bucket-not-public", None, gone(f"{BUCKET}-private")),
    Break("bucket-not-public", None, put(f"{BUCKET}-private", "blockPublicPolicy", OFF)),
    Break("bucket-encrypted", None, gone(f"{BUCKET}-encryption")),
    Break("bucket-tls", None, put(f"{BUCKET}-policy", f"{_DOCUMENT}.Effect", "Allow")),
    Break("bucket-versioned", None, put(f"{BUCKET}-versions", "versioningConfiguration.status", "Suspended")),
    Break("bucket-lifecycle", None, put(f"{BUCKET}-ends", "rules.0.status", "Disabled")),
    # encryption
    Break("key-rotates", None, without("data-key", "enableKeyRotation")),
    Break("topic-encrypted", FARGATE, without(TOPIC, "kmsMasterKeyId")),
    Break("topic-encrypted", None, put("paging", "kmsMasterKeyId", "")),
    Break("queue-encrypted", FARGATE, without(QUEUE, "kmsMasterKeyId")),
    Break("secret-encrypted", FARGATE, without("API_TOKEN", "kmsKeyId")),
    Break("log-group-encrypted", FARGATE, without(f"{FARGATE}-logs", "kmsKeyId")),
    Break("repository-encrypted", FARGATE, put(f"{FARGATE}-repository", "encryptionConfigurations", [])),
    Break("function-encrypted", LAMBDA, without(FUNCTION, "kmsKeyArn")),
    Break("secret-recovery", FARGATE, put("API_TOKEN", "recoveryWindowInDays", 0)),
    # network
    Break("nat-single", None, second_gateway, "dev"),
    Break("nat-per-zone", None, leads("private-2-route", "natGatewayId", "nat-1")),
    Break("network-zones", None, one_zone, "dev"),
    Break("private-subnet-closed", None, leads("private-1-route", "gatewayId", "igw")),
    Break("private-subnet-closed", None, put("public-1", "mapPublicIpOnLaunch", OFF)),
    Break("database-subnets-isolated", None, isolated_with_a_way_out),
    Break("no-default-vpc", None, extra(kinds.DEFAULT_VPC, "base")),
    Break("no-default-vpc", FARGATE, extra(kinds.DEFAULT_SUBNET)),
    Break("subnet-addresses", None, put(_SCALING, "maxCapacity", 252)),
    Break("endpoint-private-names", None, put("endpoint-sqs", "privateDnsEnabled", OFF)),
    Break("flow-logs-all", None, put("flow-log", "trafficType", "REJECT")),
    # doors
    Break("front-door", None, put(FRONT, "toPort", 8443)),
    Break("front-door", None, put("balancer", "internal", ON)),
    Break("front-door", None, put("front", "ingress", [{"cidrBlocks": ["0.0.0.0/0"], "fromPort": 22, "toPort": 22}])),
    Break("ingress-from-groups", FARGATE, lets_addresses_in),
    Break("egress-https", None, put(WAY_OUT, "fromPort", 0)),
    Break("load-balancer-logs", None, put("balancer", "accessLogs.enabled", OFF)),
    Break("load-balancer-logs", None, without("inner", "accessLogs.bucket")),
    Break("redirect-to-https", None, put("http", "defaultActions.0.redirect.protocol", "HTTP")),
    Break("target-by-address", FARGATE, put(f"{FARGATE}-target", "targetType", "instance")),
    # messages
    Break("queue-redrive", FARGATE, put(QUEUE, "redrivePolicy.maxReceiveCount", 4)),
    Break("queue-redrive", FARGATE, without(QUEUE, "redrivePolicy")),
    Break("queue-retention", FARGATE, put(QUEUE, "messageRetentionSeconds", 345_600)),
    Break("subscription-dead-letters", FARGATE, without(SUBSCRIPTION, "redrivePolicy")),
    Break("subscription-allowed", FARGATE, gone(f"{QUEUE}-policy")),
    Break("subscription-allowed", FARGATE, put(f"{QUEUE}-policy", f"{_DOCUMENT}.Effect", "Deny")),
    Break("dead-letter-alarm", FARGATE, gone(f"{QUEUE}-dead-alarm")),
    Break("event-rule-targets", FARGATE, six_targets),
    # containers
    Break("scaling", FARGATE, gone(f"{_SCALING}-cpu")),
    Break("scaling-minimum", FARGATE, put(_SCALING, "minCapacity", 1)),
    Break("deployment-capacity", FARGATE, put(SERVICE, "deploymentMinimumHealthyPercent", 50)),
    Break("task-arm64", FARGATE, without(TASK, "runtimePlatform")),
    Break("task-tags", FARGATE, without(SERVICE, "propagateTags")),
    Break("platform-version", FARGATE, put(SERVICE, "platformVersion", "1.3.0")),
    # functions and agents
    Break("function-runtime", LAMBDA, put(FUNCTION, "runtime", "python3.8")),
    Break("permission-source", LAMBDA, permission()),
    Break("agent-tools", FARGATE, tools(AGENT_TOOLS_FORBIDDEN)),
    Break("agent-tools-many", FARGATE, tools(AGENT_TOOLS_MANY + 1)),
    # stores
    Break("database-logs", FARGATE, without(INSTANCE, "enabledCloudwatchLogsExports")),
    Break("database-patched", FARGATE, put(MEMBERS[0], "autoMinorVersionUpgrade", OFF)),
    Break("database-last-copy", FARGATE, put(CLUSTER, "skipFinalSnapshot", ON)),
    Break("database-last-copy", FARGATE, without(INSTANCE, "finalSnapshotIdentifier")),
    Break("snapshot-tags", FARGATE, without(CLUSTER, "copyTagsToSnapshot")),
    Break("database-monitored", FARGATE, put(INSTANCE, "monitoringInterval", 0)),
    Break("database-user-name", FARGATE, put(CLUSTER, "masterUsername", "postgres")),
    Break("table-on-demand", FARGATE, put(TABLE, "billingMode", "PROVISIONED")),
    # alarms
    Break("alarm-dimension", FARGATE, put(f"{FARGATE}-CPUUtilization", "dimensions", {})),
    Break("alarm-watches", FARGATE, put(f"{FARGATE}-CPUUtilization", "dimensions", {"QueueName": "gone"})),
    Break("alarm-watches", FARGATE, put(f"{QUEUE}-dead-alarm", "dimensions.FunctionName", "gone")),
    Break("alarm-runbook", LAMBDA, put(f"{LAMBDA}-composite", "alarmDescription", "it is bad")),
    # who may what
    Break("trail-encrypted", None, without("trail", "kmsKeyId")),
    Break("trail-validated", None, put("trail", "enableLogFileValidation", OFF)),
    Break("trail-everywhere", None, put("trail", "isMultiRegionTrail", OFF)),
    Break("trail-everywhere", None, put("trail", "includeGlobalServiceEvents", OFF)),
    Break("shared-log-retention", None, put("api-logs", "retentionInDays", 7)),
    Break("no-access-keys", FARGATE, extra(kinds.ACCESS_KEY)),
    Break("no-access-keys", None, extra(kinds.USER, "base")),
    Break("pass-role-bound", None, without("delivery-policy", f"{_DOCUMENT}.Condition")),
    Break("shared-role-wildcards", None, shared_policy(Action=["sqs:*"])),
    Break("shared-role-wildcards", None, shared_policy(Resource=["*"])),
    Break("role-trusts-no-account", FARGATE, trusts_an_account),
)
