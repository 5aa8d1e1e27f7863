"""The foundation that this stack builds itself."""

import pulumi

from components.foundation.audit import Audit
from components.foundation.cluster import Cluster
from components.foundation.interface import Foundation
from components.foundation.keys import Keys
from components.foundation.load_balancer import LoadBalancer
from components.foundation.network import Network
from components.foundation.paging import Paging
from components.scope import Scope


class OwnedFoundation(pulumi.ComponentResource):
    """Network, cluster, load balancer, keys, paging and audit of one environment."""

    interface: Foundation

    def __init__(self, name: str, scope: Scope, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("onramp:foundation:Foundation", name, {"tier": scope.tier, "environment": scope.env}, opts)
        child = pulumi.ResourceOptions(parent=self)
        keys = Keys(f"{name}-keys", scope, child)
        network = Network(f"{name}-network", scope, keys, child)
        cluster = Cluster(f"{name}-cluster", scope, network.vpc_id, child)
        balancer = LoadBalancer(f"{name}-load-balancer", scope, network, child)
        Paging(f"{name}-paging", scope, keys, child)
        Audit(f"{name}-audit", scope, keys, child)
        self.interface = Foundation(
            owner="own",
            vpc_id=network.vpc_id,
            vpc_cidr=pulumi.Output.from_input(scope.environment.network.cidr),
            private_subnet_ids=network.private_subnet_ids,
            load_balancer_security_group_id=balancer.security_group_id,
            load_balancer_suffix=balancer.suffix,
            listener_arn=balancer.listener_arn,
            namespace_arn=cluster.namespace_arn,
            dns_namespace_id=cluster.dns_namespace_id,
            data_key_arn=keys.data_arn,
            logs_key_arn=keys.logs_arn,
        )
        self.register_outputs(self.interface.published())
