"""The ECS cluster, the names by which its services find each other, and how the registry scans images."""

import pulumi
import pulumi_aws as aws

from components.scope import Scope
from stacks import limits
from stacks.standards import ECR_ENHANCED_SCANNING


def cluster_name(scope: Scope) -> str:
    """The environment's cluster."""
    return scope.name(limits.NAME_ECS, "services")


class Cluster(pulumi.ComponentResource):
    """Cluster with Container Insights, a Service Connect namespace and a private DNS namespace (0.50 USD a month)."""

    arn: pulumi.Output[str]
    """Known before the cluster is there, and waits for its capacity providers."""
    namespace_arn: pulumi.Output[str]
    namespace_id: pulumi.Output[str]
    dns_namespace_id: pulumi.Output[str]

    def __init__(
        self, name: str, scope: Scope, vpc_id: pulumi.Output[str], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("onramp:foundation:Cluster", name, {}, opts)
        tags = scope.tags("foundation")
        child = pulumi.ResourceOptions(parent=self)
        namespace = aws.servicediscovery.HttpNamespace(
            f"{name}-connect",
            name=scope.env,
            description=f"Service Connect of {scope.env}",
            tags=tags,
            opts=child,
        )
        dns = aws.servicediscovery.PrivateDnsNamespace(
            f"{name}-dns",
            name=scope.dns_namespace,
            description=f"Cloud Map of {scope.env}",
            vpc=vpc_id,
            tags=tags,
            opts=child,
        )
        cluster = aws.ecs.Cluster(
            f"{name}-cluster",
            name=cluster_name(scope),
            settings=[{"name": "containerInsights", "value": "enhanced"}],
            service_connect_defaults={"namespace": namespace.arn},
            tags=tags,
            opts=child,
        )
        providers = aws.ecs.ClusterCapacityProviders(
            f"{name}-capacity",
            cluster_name=cluster.name,
            capacity_providers=["FARGATE", "FARGATE_SPOT"],
            default_capacity_provider_strategies=[{"capacity_provider": "FARGATE", "weight": 1}],
            opts=child,
        )
        enhanced = ECR_ENHANCED_SCANNING[scope.tier]
        # One per account and region: environments that share an account must agree, or live in another region.
        aws.ecr.RegistryScanningConfiguration(
            f"{name}-scanning",
            scan_type="ENHANCED" if enhanced else "BASIC",
            rules=[
                {
                    "scan_frequency": "CONTINUOUS_SCAN" if enhanced else "SCAN_ON_PUSH",
                    "repository_filters": [{"filter": f"*/{scope.env}", "filter_type": "WILDCARD"}],
                }
            ],
            opts=child,
        )
        self.arn = providers.cluster_name.apply(lambda found: scope.arn("ecs", f"cluster/{found}"))
        self.namespace_arn = namespace.arn
        self.namespace_id = namespace.id
        self.dns_namespace_id = dns.id
        self.register_outputs({"namespaceArn": self.namespace_arn, "dnsNamespaceId": self.dns_namespace_id})
