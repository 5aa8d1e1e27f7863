"""The foundation that this stack builds itself."""

import pulumi

from components.foundation.api_gateway import ApiGateway
from components.foundation.audit import Audit
from components.foundation.bucket import PROBES, RUN_EXPIRY_DAYS, RUNS, LogBucket
from components.foundation.budget import Budget
from components.foundation.capacity import Capacity
from components.foundation.cluster import Cluster
from components.foundation.firewall import Firewall
from components.foundation.interface import Api, Foundation
from components.foundation.keys import Keys
from components.foundation.ledger import Ledger
from components.foundation.load_balancer import LoadBalancer
from components.foundation.network import Network
from components.foundation.paging import Paging
from components.foundation.socket_logs import SocketLogs
from components.scope import Scope
from stacks.ledger import OWN


class OwnedFoundation(pulumi.ComponentResource):
    """Network, cluster, load balancer, firewall, keys, paging, budget and audit of one environment."""

    interface: Foundation

    def __init__(self, name: str, scope: Scope, opts: pulumi.ResourceOptions | None = None) -> None:
        facts = {
            "tier": scope.tier,
            "environment": scope.env,
            "waive": [waiver.model_dump(mode="json", exclude_none=True) for waiver in scope.environment.waive],
        }
        super().__init__("onramp:foundation:Foundation", name, facts, opts)
        child = pulumi.ResourceOptions(parent=self)
        keys = Keys(f"{name}-keys", scope, child)
        network = Network(f"{name}-network", scope, keys, child)
        cluster = Cluster(f"{name}-cluster", scope, network.vpc_id, child)
        balancer = LoadBalancer(f"{name}-load-balancer", scope, network, child)
        paging = Paging(f"{name}-paging", scope, keys, child)
        Budget(f"{name}-budget", scope, paging, child)
        Audit(f"{name}-audit", scope, keys, child)
        if scope.environment.ledger == OWN:
            Ledger(f"{name}-ledger", scope, keys, child)
        api = self._api(name, scope, network, keys, balancer)
        self.interface = Foundation(
            owner="own",
            vpc_id=network.vpc_id,
            vpc_cidr=pulumi.Output.from_input(scope.environment.network.cidr),
            private_subnet_ids=network.private_subnet_ids,
            database_subnet_group=network.database_subnet_group,
            public_subnet_ids=network.public_subnet_ids,
            load_balancer_security_group_id=balancer.security_group_id,
            load_balancer_suffix=balancer.suffix,
            listener_arn=balancer.listener_arn,
            namespace_arn=cluster.namespace_arn,
            namespace_id=cluster.namespace_id,
            cluster_arn=cluster.arn,
            dns_namespace_id=cluster.dns_namespace_id,
            data_key_arn=keys.data_arn,
            logs_key_arn=keys.logs_arn,
            web_acl_arn=_firewall(f"{name}-firewall", scope, keys, balancer, child),
            probe_bucket=_probe_bucket(f"{name}-probes", scope, child),
            capacity_provider_arn=_capacity(f"{name}-capacity", scope, network, keys, child),
            socket_logs_role_arn=_socket_logs(f"{name}-socket-logs", scope, child),
            api=api,
        )
        self.register_outputs(self.interface.published())

    def _api(self, name: str, scope: Scope, network: Network, keys: Keys, balancer: LoadBalancer) -> Api | None:
        plan = scope.environment.api
        if plan is None:
            return None
        child = pulumi.ResourceOptions(parent=self)
        return ApiGateway(f"{name}-api", scope, plan, network, keys, balancer, child).interface


def _firewall(
    name: str, scope: Scope, keys: Keys, balancer: LoadBalancer, opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """The ARN of the firewall before the load balancer; empty where the environment has none."""
    if not scope.environment.firewall:
        return pulumi.Output.from_input("")
    return Firewall(name, scope, keys, balancer.arn, opts).web_acl_arn


def _capacity(
    name: str, scope: Scope, network: Network, keys: Keys, opts: pulumi.ResourceOptions
) -> pulumi.Output[str]:
    """The ARN of the instances that functions share; empty where the environment has none."""
    plan = scope.environment.capacity
    if plan is None:
        return pulumi.Output.from_input("")
    return Capacity(name, scope, plan, network, keys, opts).provider_arn


def _socket_logs(name: str, scope: Scope, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """The ARN of the role that logs WebSocket APIs; empty where the environment has none."""
    if not scope.environment.web_sockets:
        return pulumi.Output.from_input("")
    return SocketLogs(name, scope, opts).role_arn


def _probe_bucket(name: str, scope: Scope, opts: pulumi.ResourceOptions) -> pulumi.Output[str]:
    """The bucket of the probes; empty where the environment has none."""
    if not scope.environment.probes:
        return pulumi.Output.from_input("")
    return LogBucket(name, scope, PROBES, [], prefix=RUNS, expiry_days=RUN_EXPIRY_DAYS, opts=opts).bucket
