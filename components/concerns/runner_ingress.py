"""How requests reach an App Runner service: by a name under the environment's domain, or from inside the VPC alone."""

from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from components.concerns.probe import probe_route
from components.foundation.firewall import guard
from components.foundation.interface import Foundation
from components.scope import ServiceScope
from stacks import limits
from stacks.models import AppRunnerSpec
from stacks.standards import HTTPS_PORT

PROOFS: Final = 2
"""CNAME records with which App Runner proves one name without `www` (App Runner developer guide, custom domains)."""
TTL_SECONDS: Final = 300


class RunnerIngress(Concern):
    """<service>.<domain> with its certificate; or an interface endpoint (7 USD a month and zone) in the VPC."""

    url: pulumi.Output[str]
    """Where the service is found; known once it exists."""

    def __init__(
        self,
        scope: ServiceScope,
        spec: AppRunnerSpec,
        foundation: Foundation,
        service: aws.apprunner.Service,
        opts: pulumi.ResourceOptions,
    ) -> None:
        super().__init__("Ingress", scope, opts)
        self.url = self._domain(service, spec, foundation) if spec.public else self._inside(service, foundation)
        self.register_outputs({"url": self.url})

    def _domain(
        self, service: aws.apprunner.Service, spec: AppRunnerSpec, foundation: Foundation
    ) -> pulumi.Output[str]:
        scope = self.scope.scope
        name = scope.own_domain(self.scope.service)
        association = aws.apprunner.CustomDomainAssociation(
            f"{self.name}-domain",
            domain_name=name,
            enable_www_subdomain=False,
            service_arn=service.arn,
            opts=self.child,
        )
        zone_id = aws.route53.get_zone_output(
            name=scope.environment.domain, private_zone=False, opts=pulumi.InvokeOutputOptions(parent=self)
        ).zone_id
        for index in range(PROOFS):
            proof = association.certificate_validation_records[index]
            aws.route53.Record(
                f"{self.name}-proof-{index}",
                zone_id=zone_id,
                name=proof.name,
                type=proof.type,
                records=[proof.value],
                ttl=TTL_SECONDS,
                opts=self.child,
            )
        aws.route53.Record(
            f"{self.name}-address",
            zone_id=zone_id,
            name=name,
            type="CNAME",
            records=[association.dns_target],
            ttl=TTL_SECONDS,
            opts=self.child,
        )
        guard(f"{self.name}-firewall", scope, foundation, service.arn, self.child)
        probe_route(self, spec, foundation)
        return pulumi.Output.from_input(f"https://{name}")

    def _inside(self, service: aws.apprunner.Service, foundation: Foundation) -> pulumi.Output[str]:
        group = aws.ec2.SecurityGroup(
            f"{self.name}-sg",
            name=self.scope.name(limits.NAME_SECURITY_GROUP, "endpoint"),
            description=f"Endpoint of {self.scope.service} in {self.scope.scope.env}",
            vpc_id=foundation.vpc_id,
            tags=self.tags,
            opts=self.child,
        )
        aws.vpc.SecurityGroupIngressRule(
            f"{self.name}-sg-https",
            security_group_id=group.id,
            description="HTTPS from inside the VPC",
            cidr_ipv4=foundation.vpc_cidr,
            ip_protocol="tcp",
            from_port=HTTPS_PORT,
            to_port=HTTPS_PORT,
            tags=self.tags,
            opts=self.child,
        )
        endpoint = aws.ec2.VpcEndpoint(
            f"{self.name}-endpoint",
            vpc_id=foundation.vpc_id,
            vpc_endpoint_type="Interface",
            service_name=f"com.amazonaws.{self.scope.scope.region}.apprunner.requests",
            subnet_ids=foundation.private_subnet_ids,
            security_group_ids=[group.id],
            # App Runner gives the service a name that leads to the endpoint; the endpoint has none of its own.
            private_dns_enabled=False,
            tags=self.tags,
            opts=self.child,
        )
        connection = aws.apprunner.VpcIngressConnection(
            f"{self.name}-connection",
            name=self.scope.name(limits.NAME_APP_RUNNER, "ingress"),
            service_arn=service.arn,
            ingress_vpc_configuration={"vpc_id": foundation.vpc_id, "vpc_endpoint_id": endpoint.id},
            tags=self.tags,
            opts=self.child,
        )
        return pulumi.Output.concat("https://", connection.domain_name)
