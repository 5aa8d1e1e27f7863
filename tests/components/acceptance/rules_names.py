"""How AWS lets things be called, as far as its models do not say it themselves."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from simulator.graph import Graph
from tests.components.acceptance.looking import PARAMETER, known, of


@dataclass(frozen=True, kw_only=True, slots=True)
class Naming:
    """The `key` of resources of type `kind`: at most `longest` characters, all of them `pattern`, as `source` says."""

    kind: str
    key: str
    longest: int
    pattern: str
    source: str
    shortest: int = 1


_GROUP_TEXT: Final = r"[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]*"
_HYPHENATED: Final = r"(?!-)[A-Za-z0-9-]+(?<!-)"

NAMINGS: Final = (
    Naming(kind="aws:iam/role:Role", key="name", longest=64, pattern=r"[\w+=,.@-]+", source="IAM API, CreateRole"),
    Naming(
        kind="aws:lb/targetGroup:TargetGroup",
        key="name",
        longest=32,
        pattern=_HYPHENATED,
        source="ELBv2 API, CreateTargetGroup: 32, letters, digits and hyphens, none at the ends",
    ),
    Naming(
        kind="aws:lb/loadBalancer:LoadBalancer",
        key="name",
        longest=32,
        pattern=rf"(?!internal-){_HYPHENATED}",
        source="ELBv2 API, CreateLoadBalancer: as a target group, and not starting with internal-",
    ),
    Naming(
        kind="aws:ec2/securityGroup:SecurityGroup",
        key="name",
        longest=255,
        pattern=rf"(?!sg-){_GROUP_TEXT}",
        source="EC2 API, CreateSecurityGroup, GroupName",
    ),
    Naming(
        kind="aws:ec2/securityGroup:SecurityGroup",
        key="description",
        longest=255,
        pattern=_GROUP_TEXT,
        source="EC2 API, CreateSecurityGroup, GroupDescription",
    ),
    Naming(
        kind="aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
        key="description",
        longest=255,
        pattern=_GROUP_TEXT,
        source="EC2 API, IpRange, Description",
    ),
    Naming(
        kind="aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
        key="description",
        longest=255,
        pattern=_GROUP_TEXT,
        source="EC2 API, IpRange, Description",
    ),
    Naming(kind="aws:sqs/queue:Queue", key="name", longest=80, pattern=r"[\w-]+", source="SQS API, CreateQueue"),
    Naming(kind="aws:sns/topic:Topic", key="name", longest=256, pattern=r"[\w-]+", source="SNS API, CreateTopic"),
    Naming(kind="aws:cloudwatch/eventRule:EventRule", key="name", longest=64, pattern=r"[.\-\w]+", source="PutRule"),
    Naming(
        kind="aws:xray/samplingRule:SamplingRule",
        key="ruleName",
        longest=32,
        pattern=r"[\w.-]+",
        source="X-Ray API, SamplingRule, RuleName",
    ),
    Naming(
        kind="aws:lambda/function:Function",
        key="name",
        longest=64,
        pattern=r"[a-zA-Z0-9_-]+",
        source="Lambda API, CreateFunction: 64 characters when it is a name alone",
    ),
    Naming(
        kind="aws:ecs/service:Service",
        key="name",
        longest=255,
        pattern=r"[\w-]+",
        source="ECS API, CreateService",
    ),
    Naming(
        kind="aws:ecs/taskDefinition:TaskDefinition",
        key="family",
        longest=255,
        pattern=r"[\w-]+",
        source="ECS API, RegisterTaskDefinition",
    ),
    Naming(
        kind="aws:s3/bucket:Bucket",
        key="bucket",
        shortest=3,
        longest=63,
        pattern=r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9](?!.*(\.\.|-s3alias$|--ol-s3$|\.mrap$|--x-s3$|--table-s3$))"
        r"[a-z0-9.-]*[a-z0-9]",
        source="S3 user guide, general purpose bucket naming rules",
    ),
    Naming(
        kind="aws:kms/alias:Alias",
        key="name",
        longest=256,
        pattern=r"alias/(?!aws/)[a-zA-Z0-9/_-]+",
        source="KMS API, CreateAlias",
    ),
    Naming(
        kind="aws:secretsmanager/secret:Secret",
        key="name",
        longest=512,
        pattern=r"[A-Za-z0-9/_+=.@-]+(?<!-[A-Za-z0-9]{6})",
        source="Secrets Manager API, CreateSecret: not ending in a hyphen and six characters, as its ARNs do",
    ),
    Naming(
        kind=PARAMETER,
        key="name",
        longest=1011,
        pattern=r"(?!/?(?i:aws|ssm))(/[\w.-]+){1,15}",
        source="SSM API, PutParameter: 1,011 characters, 15 levels, no aws or ssm in front, no slash at the end",
    ),
    Naming(
        kind="aws:serverlessrepository/cloudFormationStack:CloudFormationStack",
        key="name",
        longest=128 - len("serverlessrepo-"),
        pattern=r"[a-zA-Z][-a-zA-Z0-9]*",
        source="CloudFormation API, CreateStack; the Serverless Application Repository puts its name in front",
    ),
    Naming(
        kind="aws:acm/certificate:Certificate",
        key="domainName",
        longest=64,
        pattern=r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}",
        source="ACM API, RequestCertificate: a common name has 64 octets",
    ),
    Naming(
        kind="aws:servicediscovery/service:Service",
        key="name",
        longest=63,
        pattern=r"[a-z0-9]([a-z0-9-]*[a-z0-9])?",
        source="Cloud Map API, CreateService: a label of a DNS name",
    ),
    Naming(
        kind="aws:cloudtrail/trail:Trail",
        key="name",
        shortest=3,
        longest=128,
        pattern=r"[a-zA-Z0-9]([._-]?[a-zA-Z0-9])+",
        source="CloudTrail API, CreateTrail",
    ),
)

UNIQUE: Final = {
    **{naming.kind: naming.key for naming in NAMINGS if naming.key != "description"},
    "aws:cloudwatch/metricAlarm:MetricAlarm": "name",
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": "alarmName",
    "aws:cloudwatch/dashboard:Dashboard": "dashboardName",
    "aws:cloudwatch/logGroup:LogGroup": "name",
    "aws:codedeploy/application:Application": "name",
    "aws:ecr/repository:Repository": "name",
}
"""What AWS holds once per account and region, and by which name."""

TAG_TEXT: Final = re.compile(r"[\w .:/=+@-]*")
TAGS_MAX, TAG_KEY_MAX, TAG_VALUE_MAX = 50, 128, 256


def names_are_allowed(graph: Graph) -> Iterator[str]:
    """The rows of `NAMINGS`, each with its source."""
    for naming in NAMINGS:
        for resource, inputs in of(graph, naming.kind):
            name: str = inputs[naming.key]
            if not naming.shortest <= len(name) <= naming.longest or not re.fullmatch(naming.pattern, name, re.ASCII):
                yield f"{resource.name}: {naming.key} {name!r} ({len(name)}): {naming.source}"


def names_are_unique(graph: Graph) -> Iterator[str]:
    """The API of each service: a second one of the same name already exists."""
    for kind, key in UNIQUE.items():
        for name, times in Counter(inputs[key] for _, inputs in of(graph, kind) if known(inputs[key])).items():
            if times > 1:
                yield f"{times} of {kind} are called {name}"


def tags_are_allowed(graph: Graph) -> Iterator[str]:
    """General Reference, tagging: 50 of 128 and 256 characters, no aws: in front, the common alphabet."""
    for resource in graph.resources:
        tags = resource.inputs.get("tags")
        if not isinstance(tags, dict) or not resource.custom:
            continue
        if len(tags) > TAGS_MAX:
            yield f"{resource.name}: {len(tags)} tags"
        for key, value in tags.items():
            if len(key) > TAG_KEY_MAX or key.lower().startswith("aws:") or not TAG_TEXT.fullmatch(key):
                yield f"{resource.name}: tag key {key!r}"
            if known(value) and (len(str(value)) > TAG_VALUE_MAX or not TAG_TEXT.fullmatch(str(value))):
                yield f"{resource.name}: tag {key} is {value!r}"


RULES: Final = (names_are_allowed, names_are_unique, tags_are_allowed)
