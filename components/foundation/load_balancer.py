"""The load balancers of an environment: a public one, and an internal one where there is an HTTP API before it."""

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from components.foundation.bucket import LogBucket, bucket_arn
from components.foundation.network import Network
from components.scope import Scope
from stacks import limits
from stacks.models.common import IngressKind
from stacks.naming import physical_name
from stacks.source import Json
from stacks.standards import HTTPS_PORT, TLS_POLICY

HTTP = 80
LOGS = "access-logs"
_PURPOSES: Final[dict[IngressKind, str]] = {"load-balancer": "services", "api-gateway": "api"}


def balancer_name(scope: Scope, ingress: IngressKind) -> str:
    """The load balancer of this way in; the purpose comes first, because AWS refuses names that start `internal-`."""
    return physical_name(limits.NAME_LOAD_BALANCER, _PURPOSES[ingress], scope.env)


class _Balancer(pulumi.ComponentResource):
    """An application load balancer with a security group, and an HTTPS listener without routes. 16 USD a month."""

    arn: pulumi.Output[str]
    security_group_id: pulumi.Output[str]
    suffix: pulumi.Output[str]
    listener_arn: pulumi.Output[str]

    def __init__(self, name: str, scope: Scope, opts: pulumi.ResourceOptions | None) -> None:
        super().__init__(f"onramp:foundation:{type(self).__name__}", name, {}, opts)
        self._name = name
        self._scope = scope
        self._tags = scope.tags("foundation")
        self._child = pulumi.ResourceOptions(parent=self)

    def _security_group(self, network: Network, role: str, description: str) -> pulumi.Output[str]:
        return aws.ec2.SecurityGroup(
            f"{self._name}-sg",
            name=self._scope.name(limits.NAME_SECURITY_GROUP, role),
            description=description,
            vpc_id=network.vpc_id,
            tags=self._tags,
            opts=self._child,
        ).id

    def _balancer(
        self, ingress: IngressKind, subnet_ids: pulumi.Output[Sequence[str]], logs: LogBucket
    ) -> aws.lb.LoadBalancer:
        return aws.lb.LoadBalancer(
            f"{self._name}-balancer",
            name=balancer_name(self._scope, ingress),
            load_balancer_type="application",
            internal=ingress == "api-gateway",
            subnets=subnet_ids,
            security_groups=[self.security_group_id],
            drop_invalid_header_fields=True,
            enable_deletion_protection=self._scope.is_prod,
            access_logs={"bucket": logs.bucket, "enabled": True},
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[logs.ready], protect=self._scope.is_prod),
        )

    def _https(self, balancer: aws.lb.LoadBalancer, certificate_arn: pulumi.Output[str]) -> pulumi.Output[str]:
        return aws.lb.Listener(
            f"{self._name}-https",
            load_balancer_arn=balancer.arn,
            port=HTTPS_PORT,
            protocol="HTTPS",
            ssl_policy=TLS_POLICY,
            certificate_arn=certificate_arn,
            default_actions=[
                {
                    "type": "fixed-response",
                    "fixed_response": {
                        "content_type": "text/plain",
                        "message_body": "no such route",
                        "status_code": "404",
                    },
                }
            ],
            tags=self._tags,
            opts=self._child,
        ).arn

    def _done(self, balancer: aws.lb.LoadBalancer, certificate_arn: pulumi.Output[str]) -> None:
        self.listener_arn = self._https(balancer, certificate_arn)
        self.arn = balancer.arn
        self.suffix = balancer.arn_suffix
        self.register_outputs(
            {"securityGroupId": self.security_group_id, "suffix": self.suffix, "listenerArn": self.listener_arn}
        )


class LoadBalancer(_Balancer):
    """Internet-facing, at services.<domain>, with the certificate and the log bucket that an internal one shares."""

    zone_id: pulumi.Output[str]
    """The hosted zone of the domain."""
    certificate_arn: pulumi.Output[str]
    """For the domain and everything one label below it."""
    logs: LogBucket

    def __init__(self, name: str, scope: Scope, network: Network, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__(name, scope, opts)
        self.security_group_id = self._security_group(
            network, "load-balancer", "From the internet to the load balancer"
        )
        self._from_the_internet()
        self.logs = LogBucket(f"{name}-logs", scope, LOGS, [_delivery(scope)], opts=pulumi.ResourceOptions(parent=self))
        balancer = self._balancer("load-balancer", network.public_subnet_ids, self.logs)
        self.zone_id = aws.route53.get_zone_output(
            name=scope.environment.domain, private_zone=False, opts=pulumi.InvokeOutputOptions(parent=self)
        ).zone_id
        self.certificate_arn = self._certificate()
        self._redirect(balancer)
        aws.route53.Record(
            f"{name}-address",
            zone_id=self.zone_id,
            name=f"services.{scope.environment.domain}",
            type="A",
            aliases=[{"name": balancer.dns_name, "zone_id": balancer.zone_id, "evaluate_target_health": True}],
            opts=self._child,
        )
        self._done(balancer, self.certificate_arn)

    def _from_the_internet(self) -> None:
        for port, role in ((HTTP, "http"), (HTTPS_PORT, "https")):
            aws.vpc.SecurityGroupIngressRule(
                f"{self._name}-from-internet-{role}",
                security_group_id=self.security_group_id,
                description=f"{role.upper()} from the internet",
                cidr_ipv4="0.0.0.0/0",
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                tags=self._tags,
                opts=self._child,
            )

    def _certificate(self) -> pulumi.Output[str]:
        domain = self._scope.environment.domain
        certificate = aws.acm.Certificate(
            f"{self._name}-certificate",
            domain_name=domain,
            subject_alternative_names=[f"*.{domain}"],
            validation_method="DNS",
            tags=self._tags,
            opts=self._child,
        )
        # The domain and its wildcard are proved by one and the same record.
        proof = certificate.domain_validation_options[0]
        record = aws.route53.Record(
            f"{self._name}-certificate-proof",
            zone_id=self.zone_id,
            name=proof.resource_record_name,
            type=proof.resource_record_type,
            records=[proof.resource_record_value],
            ttl=300,
            allow_overwrite=True,
            opts=self._child,
        )
        validation = aws.acm.CertificateValidation(
            f"{self._name}-certificate-validation",
            certificate_arn=certificate.arn,
            validation_record_fqdns=[record.fqdn],
            opts=self._child,
        )
        return validation.certificate_arn

    def _redirect(self, balancer: aws.lb.LoadBalancer) -> None:
        aws.lb.Listener(
            f"{self._name}-http",
            load_balancer_arn=balancer.arn,
            port=HTTP,
            protocol="HTTP",
            default_actions=[
                {
                    "type": "redirect",
                    "redirect": {"port": str(HTTPS_PORT), "protocol": "HTTPS", "status_code": "HTTP_301"},
                }
            ],
            tags=self._tags,
            opts=self._child,
        )


class InternalLoadBalancer(_Balancer):
    """For the HTTP API's VPC link alone, in private subnets; certificate and log bucket are the public one's."""

    def __init__(
        self,
        name: str,
        scope: Scope,
        network: Network,
        public: LoadBalancer,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__(name, scope, opts)
        self.security_group_id = self._security_group(
            network, "internal-load-balancer", "From the VPC link to the internal load balancer"
        )
        balancer = self._balancer("api-gateway", network.private_subnet_ids, public.logs)
        self._done(balancer, public.certificate_arn)


def _delivery(scope: Scope) -> Json:
    return {
        "Sid": "LoadBalancerLogs",
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": bucket_arn(scope, LOGS, f"/AWSLogs/{scope.account}/*"),
    }
