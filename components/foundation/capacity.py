"""The instances that functions of the environment share (Lambda Managed Instances)."""

import pulumi
import pulumi_aws as aws

from components.foundation.keys import Keys
from components.foundation.network import Network
from components.iam import Statement, service_role, unscoped
from components.scope import Scope
from stacks import limits
from stacks.models import CapacityPlan
from stacks.standards import HTTPS_PORT

DESCRIBE_ACTIONS = (
    "ec2:DescribeAvailabilityZones",
    "ec2:DescribeCapacityReservations",
    "ec2:DescribeInstanceStatus",
    "ec2:DescribeInstanceTypeOfferings",
    "ec2:DescribeInstanceTypes",
    "ec2:DescribeInstances",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcEncryptionControls",
)


def provider_name(scope: Scope) -> str:
    """The environment's capacity provider."""
    return scope.name(limits.NAME_CAPACITY_PROVIDER, "functions")


class Capacity(pulumi.ComponentResource):
    """A capacity provider with a role and a security group of its own. Nothing runs, and costs, before a function does.

    Lambda starts an instance in each zone for the first function: from 200 USD a month on three m7g.large.
    """

    provider_arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        scope: Scope,
        plan: CapacityPlan,
        network: Network,
        keys: Keys,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("onramp:foundation:Capacity", name, {}, opts)
        self._name = name
        self._scope = scope
        self._tags = scope.tags("foundation")
        self._child = pulumi.ResourceOptions(parent=self)
        role, policy = service_role(
            f"{name}-operator",
            scope=scope,
            role_name=scope.name(limits.NAME_IAM_ROLE, "capacity"),
            principal="lambda.amazonaws.com",
            statements=_operate(scope),
            tags=self._tags,
            opts=self._child,
        )
        provider = aws.lambda_.CapacityProvider(
            f"{name}-provider",
            name=provider_name(scope),
            instance_requirements=[
                {
                    "architectures": ["arm64"],
                    "allowed_instance_types": [*plan.instance_types],
                    "excluded_instance_types": [],
                },
            ],
            capacity_provider_scaling_configs=[
                {"max_vcpu_count": plan.max_vcpu, "scaling_mode": "Auto", "scaling_policies": []},
            ],
            permissions_config={"capacity_provider_operator_role_arn": role.arn},
            vpc_config={
                "subnet_ids": network.private_subnet_ids,
                "security_group_ids": [self._security_group(network)],
            },
            kms_key_arn=keys.data_arn,
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[policy]),
        )
        self.provider_arn = provider.arn
        self.register_outputs({"providerArn": self.provider_arn})

    def _security_group(self, network: Network) -> pulumi.Output[str]:
        """Nothing comes in, and HTTPS goes out: to AWS and the internet, and to no service or database inside."""
        group = aws.ec2.SecurityGroup(
            f"{self._name}-sg",
            name=self._scope.name(limits.NAME_SECURITY_GROUP, "capacity"),
            description="Functions on shared instances",
            vpc_id=network.vpc_id,
            tags=self._tags,
            opts=self._child,
        )
        aws.vpc.SecurityGroupEgressRule(
            f"{self._name}-sg-to-https",
            security_group_id=group.id,
            cidr_ipv4="0.0.0.0/0",
            description="HTTPS from functions on shared instances",
            ip_protocol="tcp",
            from_port=HTTPS_PORT,
            to_port=HTTPS_PORT,
            tags=self._tags,
            opts=self._child,
        )
        return group.id


def _operate(scope: Scope) -> list[Statement]:
    """Start instances for Lambda alone; what AWS's own AWSLambdaManagedEC2ResourceOperator says, for this account."""

    def ec2(*kinds: str) -> list[str]:
        return [scope.arn("ec2", f"{kind}/*") for kind in kinds]

    return [
        Statement(
            sid="Run",
            actions=["ec2:AttachNetworkInterface", "ec2:CreateTags", "ec2:RunInstances"],
            resources=ec2("instance", "network-interface", "volume"),
            condition={"StringEquals": {"ec2:ManagedResourceOperator": "scaler.lambda.amazonaws.com"}},
        ),
        Statement(
            sid="Place",
            actions=["ec2:CreateNetworkInterface", "ec2:RunInstances"],
            resources=ec2("security-group", "subnet"),
        ),
        Statement(
            sid="Image",
            actions=["ec2:RunInstances"],
            resources=[f"arn:{scope.partition}:ec2:{scope.region}:*:image/*"],
            condition={"StringEquals": {"ec2:Owner": "amazon"}},
        ),
        unscoped("Look", DESCRIBE_ACTIONS),
    ]
