"""The VPC of an environment: public subnets for the load balancer, private for services, isolated for databases."""

from collections.abc import Sequence

import pulumi
import pulumi_aws as aws
import pulumi_awsx as awsx

from components.foundation.keys import Keys
from components.iam import Statement, service_role
from components.scope import Scope
from stacks import limits
from stacks.standards import (
    ENDPOINT_SERVICES_GATEWAY,
    ENDPOINT_SERVICES_INTERFACE,
    HTTPS_PORT,
    LOG_RETENTION_DAYS,
    SUBNET_THIRD_OCTETS,
    SubnetKind,
)


def subnet_blocks(cidr: str, kind: SubnetKind, zones: int) -> list[str]:
    """The /24 of each zone for one kind of subnet of the /16 `cidr`."""
    first, second, *_ = cidr.split(".")
    start = SUBNET_THIRD_OCTETS[kind]
    return [f"{first}.{second}.{start + zone}.0/24" for zone in range(zones)]


class Network(pulumi.ComponentResource):
    """A /16 over two or three zones; NAT (33 USD a month each), flow logs, endpoints (7 USD a month and zone each)."""

    vpc_id: pulumi.Output[str]
    public_subnet_ids: pulumi.Output[Sequence[str]]
    private_subnet_ids: pulumi.Output[Sequence[str]]
    database_subnet_group: pulumi.Output[str]
    """The name of the group of isolated subnets."""

    def __init__(self, name: str, scope: Scope, keys: Keys, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("onramp:foundation:Network", name, {}, opts)
        self._name = name
        self._scope = scope
        self._tags = scope.tags("foundation")
        self._child = pulumi.ResourceOptions(parent=self)
        vpc = self._vpc()
        self.vpc_id = vpc.vpc_id
        self.public_subnet_ids = vpc.public_subnet_ids
        self.private_subnet_ids = vpc.private_subnet_ids
        self.database_subnet_group = self._database_subnets(vpc)
        self._flow_logs(keys)
        self._interface_endpoints()
        self.register_outputs(
            {
                "vpcId": self.vpc_id,
                "publicSubnetIds": self.public_subnet_ids,
                "privateSubnetIds": self.private_subnet_ids,
            }
        )

    def _vpc(self) -> awsx.ec2.Vpc:
        plan = self._scope.environment.network

        def subnets(kind: awsx.ec2.SubnetType, name: SubnetKind) -> awsx.ec2.SubnetSpecArgs:
            return awsx.ec2.SubnetSpecArgs(type=kind, cidr_blocks=subnet_blocks(plan.cidr, name, plan.zones))

        strategy = awsx.ec2.NatGatewayStrategy
        return awsx.ec2.Vpc(
            self._name,
            cidr_block=plan.cidr,
            number_of_availability_zones=plan.zones,
            enable_dns_hostnames=True,
            enable_dns_support=True,
            subnet_strategy=awsx.ec2.SubnetAllocationStrategy.AUTO,
            subnet_specs=[
                subnets(awsx.ec2.SubnetType.PUBLIC, "public"),
                subnets(awsx.ec2.SubnetType.PRIVATE, "private"),
                subnets(awsx.ec2.SubnetType.ISOLATED, "isolated"),
            ],
            nat_gateways=awsx.ec2.NatGatewayConfigurationArgs(
                strategy=strategy.ONE_PER_AZ if plan.nat_per_zone else strategy.SINGLE
            ),
            vpc_endpoint_strategy=awsx.ec2.VpcEndpointStrategy.AUTO,
            vpc_endpoint_specs=[
                awsx.ec2.VpcEndpointSpecArgs(
                    service_name=f"com.amazonaws.{self._scope.region}.{service}",
                    vpc_endpoint_type="Gateway",
                    tags=self._tags,
                )
                for service in ENDPOINT_SERVICES_GATEWAY
            ],
            tags=self._tags,
            opts=self._child,
        )

    def _database_subnets(self, vpc: awsx.ec2.Vpc) -> pulumi.Output[str]:
        """Where databases stand: subnets without a way to the internet, in either direction."""
        return aws.rds.SubnetGroup(
            f"{self._name}-databases",
            name=self._scope.name(limits.NAME_RDS_SUBNET_GROUP, "databases"),
            description=f"Databases of {self._scope.env}",
            subnet_ids=vpc.isolated_subnet_ids,
            tags=self._tags,
            opts=self._child,
        ).name

    def _flow_logs(self, keys: Keys) -> None:
        name = f"{self._name}-flow-logs"
        group_name = f"/onramp/{self._scope.env}/foundation/flow-logs"  # no service has a name with a slash
        group = aws.cloudwatch.LogGroup(
            name,
            name=group_name,
            retention_in_days=LOG_RETENTION_DAYS[self._scope.tier],
            kms_key_id=keys.logs_arn,
            tags=self._tags,
            opts=self._child,
        )
        group_arn = self._scope.arn("logs", f"log-group:{group_name}")
        role, policy = service_role(
            f"{name}-role",
            scope=self._scope,
            role_name=self._scope.name(limits.NAME_IAM_ROLE, "flow-logs"),
            principal="vpc-flow-logs.amazonaws.com",
            statements=[
                Statement(
                    sid="Write",
                    actions=["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
                    resources=[group_arn, f"{group_arn}:*"],
                )
            ],
            tags=self._tags,
            opts=self._child,
        )
        aws.ec2.FlowLog(
            f"{name}-log",
            vpc_id=self.vpc_id,
            traffic_type="ALL",
            log_destination_type="cloud-watch-logs",
            log_destination=group.arn,
            iam_role_arn=role.arn,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )

    def _interface_endpoints(self) -> None:
        scope = self._scope
        group = aws.ec2.SecurityGroup(
            f"{self._name}-endpoints",
            name=scope.name(limits.NAME_SECURITY_GROUP, "endpoints"),
            description="AWS endpoints of the environment",
            vpc_id=self.vpc_id,
            tags=self._tags,
            opts=self._child,
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{self._name}-endpoints-https",
            security_group_id=group.id,
            description="HTTPS from inside the VPC",
            cidr_ipv4=scope.environment.network.cidr,
            ip_protocol="tcp",
            from_port=HTTPS_PORT,
            to_port=HTTPS_PORT,
            tags=self._tags,
            opts=self._child,
        )
        for service in ENDPOINT_SERVICES_INTERFACE:
            aws.ec2.VpcEndpoint(
                f"{self._name}-{service.replace('.', '-')}",
                vpc_id=self.vpc_id,
                vpc_endpoint_type="Interface",
                service_name=f"com.amazonaws.{scope.region}.{service}",
                subnet_ids=self.private_subnet_ids,
                security_group_ids=[group.id],
                private_dns_enabled=True,
                tags=self._tags,
                opts=self._child,
            )
