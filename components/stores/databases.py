"""PostgreSQL databases, on Aurora Serverless v2 or on an RDS instance.

Both are encrypted, speak TLS alone, have no address outside the VPC, and let in who uses them and nobody else. RDS
makes the administrator's password, keeps it in Secrets Manager and changes it every seven days; it is never seen here.
"""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from components.foundation.interface import Foundation
from components.iam import Statement, service_role
from components.scope import kept
from components.stores.use import database_name
from stacks import limits
from stacks.models import AuroraStore, Database, InstanceStore
from stacks.standards import DATABASE_BACKUP_DAYS, DATABASE_ZONES, POSTGRES_MAJOR

DATABASE: Final = "app"
USER: Final = "app"
"""What the database in the instance, and the user of the process, are called."""
ADMINISTRATOR: Final = "administrator"
INSIGHTS_DAYS: Final = 7
"""Performance Insights costs nothing for seven days."""
MONITORING_SECONDS: Final = 60
"""Enhanced monitoring: the operating system's numbers, once a minute."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Built:
    """A database, as its credential and its users need it."""

    group_id: pulumi.Output[str]
    host: pulumi.Output[str]
    administrator_arn: pulumi.Output[str]
    """The secret that RDS keeps the administrator's password in."""


class Databases:
    """The databases of one service, and the role under which RDS reports on them."""

    def __init__(self, concern: Concern, foundation: Foundation, retention_days: int) -> None:
        self._concern = concern
        self._scope = concern.scope.scope
        self._foundation = foundation
        self._retention_days = retention_days
        self._role, self._may_report = self._reporter()

    def build(self, name: str, store: Database) -> Built:
        """Build the store called `name`."""
        concern = self._concern
        group = aws.ec2.SecurityGroup(
            f"{concern.name}-{name}-sg",
            name=concern.scope.name(limits.NAME_SECURITY_GROUP, name, "store"),
            description=f"Database {name} of {concern.scope.service} in {self._scope.env}",
            vpc_id=self._foundation.vpc_id,
            tags=concern.tags,
            opts=concern.child,
        )
        if isinstance(store, AuroraStore):
            return self._aurora(name, store, group)
        return self._instance(name, store, group)

    def _aurora(self, name: str, store: AuroraStore, group: aws.ec2.SecurityGroup) -> Built:
        concern, scope, key = self._concern, self._scope, self._foundation.data_key_arn
        identifier = database_name(scope, concern.scope.service, name)
        parameters = aws.rds.ClusterParameterGroup(
            f"{concern.name}-{name}-parameters",
            name=self._parameters_name(name),
            family=f"aurora-postgresql{POSTGRES_MAJOR}",
            description=f"{name} of {concern.scope.service}",
            parameters=_parameters(store),
            tags=concern.tags,
            opts=concern.child,
        )
        cluster = aws.rds.Cluster(
            f"{concern.name}-{name}",
            cluster_identifier=identifier,
            engine="aurora-postgresql",
            engine_mode="provisioned",  # what Serverless v2 is called here
            engine_version=POSTGRES_MAJOR,
            serverlessv2_scaling_configuration={"min_capacity": store.min_acu, "max_capacity": store.max_acu},
            database_name=DATABASE,
            master_username=ADMINISTRATOR,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=key,
            db_subnet_group_name=self._foundation.database_subnet_group,
            vpc_security_group_ids=[group.id],
            db_cluster_parameter_group_name=parameters.name,
            storage_encrypted=True,
            kms_key_id=key,
            backup_retention_period=DATABASE_BACKUP_DAYS[scope.tier],
            copy_tags_to_snapshot=True,
            delete_automated_backups=not scope.is_prod,
            deletion_protection=scope.is_prod,
            skip_final_snapshot=not scope.is_prod,
            final_snapshot_identifier=f"{identifier}-final" if scope.is_prod else None,
            enabled_cloudwatch_logs_exports=["postgresql"],
            apply_immediately=not scope.is_prod,
            tags=concern.tags,
            opts=self._kept(self._log_group(name, "cluster", identifier, "postgresql")),
        )
        self._cluster_instances(name, cluster)
        administrator = cluster.master_user_secrets.apply(lambda secrets: secrets[0].secret_arn or "")
        return Built(group_id=group.id, host=cluster.endpoint, administrator_arn=administrator)

    def _cluster_instances(self, name: str, cluster: aws.rds.Cluster) -> None:
        """One instance, and in prod a second one in another zone that takes over in half a minute."""
        concern, scope = self._concern, self._scope
        # Local zones, which an account opts in to, have no databases.
        everywhere: list[aws.GetAvailabilityZonesFilterArgsDict] = [
            {"name": "opt-in-status", "values": ["opt-in-not-required"]}
        ]
        zones = aws.get_availability_zones(filters=everywhere, state="available").names
        for number, zone in enumerate(zones[: DATABASE_ZONES[scope.tier]], start=1):
            aws.rds.ClusterInstance(
                f"{concern.name}-{name}-{number}",
                identifier=scope.name(limits.NAME_RDS, concern.scope.service, name, str(number)),
                cluster_identifier=cluster.id,
                engine=aws.rds.EngineType.AURORA_POSTGRESQL,
                instance_class="db.serverless",
                availability_zone=zone,
                db_subnet_group_name=self._foundation.database_subnet_group,
                publicly_accessible=False,
                auto_minor_version_upgrade=True,
                performance_insights_enabled=True,
                performance_insights_kms_key_id=self._foundation.data_key_arn,
                performance_insights_retention_period=INSIGHTS_DAYS,
                monitoring_interval=MONITORING_SECONDS,
                monitoring_role_arn=self._role.arn,
                apply_immediately=not scope.is_prod,
                tags=concern.tags,
                # Where an instance was put, it stays, whatever zones AWS adds.
                opts=pulumi.ResourceOptions.merge(
                    self._kept(self._may_report), pulumi.ResourceOptions(ignore_changes=["availabilityZone"])
                ),
            )

    def _instance(self, name: str, store: InstanceStore, group: aws.ec2.SecurityGroup) -> Built:
        concern, scope, key = self._concern, self._scope, self._foundation.data_key_arn
        identifier = database_name(scope, concern.scope.service, name)
        parameters = aws.rds.ParameterGroup(
            f"{concern.name}-{name}-parameters",
            name=self._parameters_name(name),
            family=f"postgres{POSTGRES_MAJOR}",
            description=f"{name} of {concern.scope.service}",
            parameters=_parameters(store),
            tags=concern.tags,
            opts=concern.child,
        )
        logs = ("postgresql", "upgrade")
        before = [self._log_group(name, "instance", identifier, log) for log in logs]
        instance = aws.rds.Instance(
            f"{concern.name}-{name}",
            identifier=identifier,
            engine="postgres",
            engine_version=POSTGRES_MAJOR,
            instance_class=f"db.{store.instance}",
            allocated_storage=store.storage_gib,
            storage_type="gp3",
            storage_encrypted=True,
            kms_key_id=key,
            db_name=DATABASE,
            username=ADMINISTRATOR,
            manage_master_user_password=True,
            master_user_secret_kms_key_id=key,
            multi_az=DATABASE_ZONES[scope.tier] > 1,
            db_subnet_group_name=self._foundation.database_subnet_group,
            vpc_security_group_ids=[group.id],
            publicly_accessible=False,
            parameter_group_name=parameters.name,
            auto_minor_version_upgrade=True,
            backup_retention_period=DATABASE_BACKUP_DAYS[scope.tier],
            copy_tags_to_snapshot=True,
            delete_automated_backups=not scope.is_prod,
            deletion_protection=scope.is_prod,
            skip_final_snapshot=not scope.is_prod,
            final_snapshot_identifier=f"{identifier}-final" if scope.is_prod else None,
            enabled_cloudwatch_logs_exports=[*logs],
            performance_insights_enabled=True,
            performance_insights_kms_key_id=key,
            performance_insights_retention_period=INSIGHTS_DAYS,
            monitoring_interval=MONITORING_SECONDS,
            monitoring_role_arn=self._role.arn,
            apply_immediately=not scope.is_prod,
            tags=concern.tags,
            opts=self._kept(self._may_report, *before),
        )
        administrator = instance.master_user_secrets.apply(lambda secrets: secrets[0].secret_arn or "")
        return Built(group_id=group.id, host=instance.address, administrator_arn=administrator)

    def _kept(self, *before: pulumi.Resource) -> pulumi.ResourceOptions:
        return pulumi.ResourceOptions.merge(
            kept(self._scope, self._concern), pulumi.ResourceOptions(depends_on=list(before))
        )

    def _parameters_name(self, name: str) -> str:
        """With the version, so that those of a new one can exist beside those of the old one."""
        return self._concern.scope.name(limits.NAME_RDS_PARAMETER_GROUP, name, f"pg{POSTGRES_MAJOR}")

    def _log_group(self, name: str, kind: str, identifier: str, log: str) -> aws.cloudwatch.LogGroup:
        """Where RDS would make a group of its own, without an end and without our key."""
        return aws.cloudwatch.LogGroup(
            f"{self._concern.name}-{name}-{log}",
            name=f"/aws/rds/{kind}/{identifier}/{log}",
            retention_in_days=self._retention_days,
            kms_key_id=self._foundation.logs_key_arn,
            tags=self._concern.tags,
            opts=self._concern.child,
        )

    def _reporter(self) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        """The role with which RDS writes the operating system's numbers to the log group that it has for all."""
        group = self._scope.arn("logs", "log-group:RDSOSMetrics")
        return service_role(
            f"{self._concern.name}-monitoring",
            scope=self._scope,
            role_name=self._concern.scope.name(limits.NAME_IAM_ROLE, "databases"),
            principal="monitoring.rds.amazonaws.com",
            statements=[
                Statement(
                    sid="Group", actions=["logs:CreateLogGroup", "logs:PutRetentionPolicy"], resources=[f"{group}:*"]
                ),
                Statement(
                    sid="Streams",
                    actions=[
                        "logs:CreateLogStream",
                        "logs:DescribeLogStreams",
                        "logs:GetLogEvents",
                        "logs:PutLogEvents",
                    ],
                    resources=[f"{group}:log-stream:*"],
                ),
            ],
            tags=self._concern.tags,
            opts=self._concern.child,
        )


def _parameters(store: Database) -> list[aws.rds.ParameterGroupParameterArgsDict]:
    """TLS alone, and AWS's own number of connections, stated so that the alarm and the server mean the same."""
    return [
        {"name": "rds.force_ssl", "value": "1", "apply_method": "immediate"},
        {"name": "max_connections", "value": str(store.max_connections), "apply_method": "pending-reboot"},
    ]
