"""What watches and guards an environment: firewall, probes, budgets."""

from collections.abc import Mapping
from typing import Final

from simulator.shapes.shape import Shape, arn
from stacks import limits

GUARD: Final[Mapping[str, Shape]] = {
    "aws:budgets/budget:Budget": Shape(
        id="{account}:{name}",
        computed={"arn": "arn:{partition}:budgets::{account}:budget/{name}", "accountId": "{account}"},
        name="name",
        limit=limits.NAME_BUDGET,
        is_global=True,
    ),
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": Shape(
        id="arn:{partition}:ce::{account}:anomalymonitor/{uuid}", computed={"arn": "{id}"}, name="name", is_global=True
    ),
    "aws:costexplorer/anomalySubscription:AnomalySubscription": Shape(
        id="arn:{partition}:ce::{account}:anomalysubscription/{uuid}",
        computed={"arn": "{id}", "accountId": "{account}"},
        name="name",
        is_global=True,
    ),
    "aws:s3/bucketObjectv2:BucketObjectv2": Shape(
        id="{bucket}/{key}",
        computed={"arn": "arn:{partition}:s3:::{bucket}/{key}", "versionId": "{alnum17}"},
        unique=("bucket", "key"),
    ),
    "aws:synthetics/canary:Canary": Shape(
        id="{name}",
        computed={
            "arn": arn("synthetics", "canary:{name}"),
            "engineArn": arn("lambda", "function:cwsyn-{name}-{uuid}:1"),
            "status": "RUNNING",
        },
        name="name",
        limit=limits.NAME_CANARY,
    ),
    "aws:wafv2/webAcl:WebAcl": Shape(
        id="{uuid}",
        computed={"arn": arn("wafv2", "regional/webacl/{name}/{id}"), "capacity": 1127, "lockToken": "{uuid}"},
        name="name",
        limit=limits.NAME_WEB_ACL,
    ),
    "aws:wafv2/webAclAssociation:WebAclAssociation": Shape(id="{webAclArn},{resourceArn}", unique=("resourceArn",)),
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": Shape(
        id="{resourceArn}", unique=("resourceArn",)
    ),
}
