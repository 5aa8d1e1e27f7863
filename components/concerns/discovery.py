"""How others find a service: by name within the cluster, by DNS across it, and through the topics it publishes."""

from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from components.foundation.interface import Foundation
from components.iam import Statement
from components.scope import ServiceScope
from stacks import limits
from stacks.models import FargateSpec, Service

DNS_TTL_SECONDS: Final = 10
"""Seed 002, Cloud Map: callers see a new task within ten seconds."""
URL_ATTRIBUTE: Final = "url"
"""Under which attribute of its instance a web service has its URL."""


class Discovery(Concern):
    """The service's topics (encrypted), and its Cloud Map entry where it asks for one."""

    topics: dict[str, aws.sns.Topic]
    registry: aws.servicediscovery.Service | None

    def __init__(
        self, scope: ServiceScope, spec: Service, foundation: Foundation, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("Discovery", scope, opts)
        self.topics = {topic: self._topic(topic, foundation) for topic in spec.publishes}
        self.registry = None
        if spec.discovery.cloud_map:
            self.registry = self._registry(foundation) if spec.listens else self._entry(foundation)
        self.register_outputs({})

    def _topic(self, topic: str, foundation: Foundation) -> aws.sns.Topic:
        return aws.sns.Topic(
            f"{self.name}-{topic}",
            name=topic_name(self.scope, self.scope.service, topic),
            kms_master_key_id=foundation.data_key_arn,
            tags=self.tags,
            opts=self.child,
        )

    def _registry(self, foundation: Foundation) -> aws.servicediscovery.Service:
        return aws.servicediscovery.Service(
            f"{self.name}-registry",
            name=self.scope.service,
            dns_config={
                "namespace_id": foundation.dns_namespace_id,
                "routing_policy": "MULTIVALUE",
                "dns_records": [{"type": "A", "ttl": DNS_TTL_SECONDS}],
            },
            tags=self.tags,
            opts=self.child,
        )

    def _entry(self, foundation: Foundation) -> aws.servicediscovery.Service:
        """An entry of the HTTP namespace, for what has a URL and no address in the VPC (seed 000 section 3)."""
        return aws.servicediscovery.Service(
            f"{self.name}-registry",
            name=self.scope.service,
            namespace_id=foundation.namespace_id,
            tags=self.tags,
            opts=self.child,
        )

    def announce(self, url: pulumi.Input[str]) -> None:
        """Enter the URL of the service, where it is registered; callers ask DiscoverInstances for it."""
        if self.registry is not None:
            aws.servicediscovery.Instance(
                f"{self.name}-instance",
                instance_id=self.scope.service,
                service_id=self.registry.id,
                attributes={URL_ATTRIBUTE: url},
                opts=self.child,
            )


def topic_name(scope: ServiceScope, owner: str, topic: str) -> str:
    """The name of a topic that the service `owner` publishes."""
    # An underscore stands in neither name, so that `a` with `b-c` and `a-b` with `c` are two topics.
    return scope.scope.name(limits.NAME_SNS_TOPIC, f"{owner}_{topic}")


def topic_arn(scope: ServiceScope, owner: str, topic: str) -> str:
    """The ARN of a topic, known before it exists."""
    return scope.scope.arn("sns", topic_name(scope, owner, topic))


def publish_statements(scope: ServiceScope, spec: Service) -> list[Statement]:
    """May send to exactly the topics that the service owns."""
    if not spec.publishes:
        return []
    arns = [topic_arn(scope, scope.service, topic) for topic in spec.publishes]
    return [Statement(sid="Publish", actions=["sns:Publish"], resources=arns)]


def service_connect(
    scope: ServiceScope, spec: FargateSpec, foundation: Foundation
) -> aws.ecs.ServiceServiceConnectConfigurationArgsDict:
    """Service Connect of a container service: a client always, and a server when it has a port."""
    if not spec.discovery.service_connect:
        return {"enabled": False}
    found: aws.ecs.ServiceServiceConnectConfigurationArgsDict = {
        "enabled": True,
        "namespace": foundation.namespace_arn,
    }
    address = spec.connect_address(scope.service)
    if address is not None:
        dns_name, port = address
        offered: aws.ecs.ServiceServiceConnectConfigurationServiceArgsDict = {
            "port_name": scope.service,
            "discovery_name": scope.service,
            "client_alias": [{"port": port, "dns_name": dns_name}],
        }
        timeout: aws.ecs.ServiceServiceConnectConfigurationServiceTimeoutArgsDict = {}
        if spec.discovery.idle_seconds is not None:
            timeout["idle_timeout_seconds"] = spec.discovery.idle_seconds
        if spec.discovery.request_seconds is not None:
            timeout["per_request_timeout_seconds"] = spec.discovery.request_seconds
        if timeout:
            offered["timeout"] = timeout
        found["services"] = [offered]
    return found
