"""Tables and databases."""

from collections.abc import Mapping
from typing import Final

from simulator.graph import Json
from simulator.shapes.shape import Shape, arn, named
from stacks import limits

_SECRET: Final = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:rds!stand-in-AbCdEf"  # noqa: S105 - an ARN
_MANAGED: Final[list[Json]] = [{"kmsKeyId": "stand-in", "secretArn": _SECRET, "secretStatus": "active"}]
"""The secret that RDS makes for the administrator; the same for all, because lists are no templates."""

STORES: Final[Mapping[str, Shape]] = {
    "aws:dynamodb/table:Table": named(
        "dynamodb",
        "table/{name}",
        "name",
        limits.NAME_DYNAMODB_TABLE,
        streamArn=arn("dynamodb", "table/{name}/stream/2026-01-01T00:00:00.000"),
        streamLabel="2026-01-01T00:00:00.000",
    ),
    "aws:rds/cluster:Cluster": named(
        "rds",
        "cluster:{clusterIdentifier}",
        "clusterIdentifier",
        limits.NAME_RDS,
        endpoint="{clusterIdentifier}.cluster-{alnum14}.{region}.rds.{suffix}",
        readerEndpoint="{clusterIdentifier}.cluster-ro-{alnum14}.{region}.rds.{suffix}",
        masterUserSecrets=_MANAGED,
    ),
    "aws:rds/clusterInstance:ClusterInstance": named(
        "rds",
        "db:{identifier}",
        "identifier",
        limits.NAME_RDS,
        endpoint="{identifier}.{alnum14}.{region}.rds.{suffix}",
    ),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": named(
        "rds", "cluster-pg:{name}", "name", limits.NAME_RDS_PARAMETER_GROUP
    ),
    "aws:rds/instance:Instance": named(
        "rds",
        "db:{identifier}",
        "identifier",
        limits.NAME_RDS,
        address="{identifier}.{alnum14}.{region}.rds.{suffix}",
        masterUserSecrets=_MANAGED,
    ),
    "aws:rds/parameterGroup:ParameterGroup": named("rds", "pg:{name}", "name", limits.NAME_RDS_PARAMETER_GROUP),
    "aws:rds/subnetGroup:SubnetGroup": named("rds", "subgrp:{name}", "name", limits.NAME_RDS_SUBNET_GROUP),
}
