"""The table of tables and databases."""

from collections.abc import Mapping
from typing import Final

from tests.components.acceptance.reshape import LEFT_OUT
from tests.components.acceptance.row import Row

_LEFT_OUT_OF_SCHEMA: Final = dict.fromkeys(
    ("applyImmediately", "finalSnapshotIdentifier", "skipFinalSnapshot"),
    LEFT_OUT,  # CloudFormation has a deletion policy, and applies at once
)
_CALLED: Final = {
    "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
    "finalSnapshotIdentifier": "FinalDBSnapshotIdentifier",
    "performanceInsightsEnabled": "EnablePerformanceInsights",
}
_INSTANCE: Final = {
    "identifier": "DBInstanceIdentifier",
    "instanceClass": "DBInstanceClass",
    "clusterIdentifier": "DBClusterIdentifier",
    "dbName": "DBName",
    "username": "MasterUsername",
    "parameterGroupName": "DBParameterGroupName",
    "multiAz": "MultiAZ",
}
_IN_SCHEMA: Final = {
    "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
    "performanceInsightsEnabled": "EnablePerformanceInsights",
    "masterUserSecretKmsKeyId": "MasterUserSecret.KmsKeyId",
    **_LEFT_OUT_OF_SCHEMA,
}
_PARAMETERS: Final = {
    "family": "DBParameterGroupFamily",
    "parameters.name": "ParameterName",
    "parameters.value": "ParameterValue",
}
_CLUSTER: Final = {"clusterIdentifier": "DBClusterIdentifier"}

STORES: Final[Mapping[str, Row]] = {
    "aws:dynamodb/table:Table": Row(
        calls=("dynamodb:CreateTable", "dynamodb:UpdateTimeToLive", "dynamodb:UpdateContinuousBackups"),
        schema="AWS::DynamoDB::Table",
        names={
            "name": "TableName",
            "attributes": "AttributeDefinitions",
            "attributes.name": "AttributeName",
            "attributes.type": "AttributeType",
            "globalSecondaryIndexes": LEFT_OUT,  # the provider makes the key schemas of keys; rules_stores has them
        },
        in_call={
            "hashKey": LEFT_OUT,
            "rangeKey": LEFT_OUT,
            "streamEnabled": "StreamSpecification.StreamEnabled",
            "streamViewType": "StreamSpecification.StreamViewType",
            "serverSideEncryption": "SSESpecification",
            "serverSideEncryption.kmsKeyArn": "KMSMasterKeyId",
            "ttl": "TimeToLiveSpecification",
            "pointInTimeRecovery": "PointInTimeRecoverySpecification",
            "pointInTimeRecovery.enabled": "PointInTimeRecoveryEnabled",
        },
        given={"KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}]},
        in_schema={
            "attributes": LEFT_OUT,  # of the keys
            "hashKey": LEFT_OUT,
            "rangeKey": LEFT_OUT,
            "streamEnabled": LEFT_OUT,
            "streamViewType": "StreamSpecification.StreamViewType",
            "serverSideEncryption": "SSESpecification",
            "serverSideEncryption.enabled": "SSEEnabled",
            "serverSideEncryption.kmsKeyArn": LEFT_OUT,  # wants a type beside it, of which there is one
            "ttl": "TimeToLiveSpecification",
            "pointInTimeRecovery": "PointInTimeRecoverySpecification",
            "pointInTimeRecovery.enabled": "PointInTimeRecoveryEnabled",
        },
        given_in_schema={
            "AttributeDefinitions": [{"AttributeName": "a", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "a", "KeyType": "HASH"}],
        },
    ),
    "aws:rds/cluster:Cluster": Row(
        calls=("rds:CreateDBCluster", "rds:DeleteDBCluster", "rds:ModifyDBCluster"),
        schema="AWS::RDS::DBCluster",
        names=_CLUSTER,
        in_call=_CALLED,
        in_schema=_IN_SCHEMA,
    ),
    "aws:rds/clusterInstance:ClusterInstance": Row(
        calls=("rds:CreateDBInstance", "rds:ModifyDBInstance"),
        schema="AWS::RDS::DBInstance",
        names=_INSTANCE,
        in_call=_CALLED,
        in_schema=_IN_SCHEMA,
    ),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": Row(
        calls=("rds:CreateDBClusterParameterGroup", "rds:ModifyDBClusterParameterGroup"),
        schema="AWS::RDS::DBClusterParameterGroup",
        names={"name": "DBClusterParameterGroupName"},
        in_call=_PARAMETERS,
        in_schema={"parameters": LEFT_OUT},  # a mapping there
        given_in_schema={"Parameters": {"rds.force_ssl": "1"}},
    ),
    "aws:rds/instance:Instance": Row(
        calls=("rds:CreateDBInstance", "rds:DeleteDBInstance", "rds:ModifyDBInstance"),
        schema="AWS::RDS::DBInstance",
        names=_INSTANCE,
        in_call=_CALLED,
        in_schema={**_IN_SCHEMA, "vpcSecurityGroupIds": "VPCSecurityGroups"},
    ),
    "aws:rds/parameterGroup:ParameterGroup": Row(
        calls=("rds:CreateDBParameterGroup", "rds:ModifyDBParameterGroup"),
        schema="AWS::RDS::DBParameterGroup",
        names={"name": "DBParameterGroupName"},
        in_call=_PARAMETERS,
        in_schema={"parameters": LEFT_OUT},  # a mapping there
    ),
    "aws:rds/subnetGroup:SubnetGroup": Row(
        calls=("rds:CreateDBSubnetGroup",),
        schema="AWS::RDS::DBSubnetGroup",
        names={"name": "DBSubnetGroupName", "description": "DBSubnetGroupDescription"},
    ),
}
