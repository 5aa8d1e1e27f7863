"""The one load balancer of an environment: HTTPS for everybody, a redirect from HTTP, and a rule for each service."""

import pulumi
import pulumi_aws as aws

from components.foundation.bucket import LogBucket, bucket_arn
from components.foundation.network import Network
from components.scope import Scope
from stacks import limits
from stacks.naming import physical_name
from stacks.source import Json
from stacks.standards import HTTPS_PORT, TLS_POLICY

HTTP = 80
LOGS = "access-logs"


def balancer_name(scope: Scope) -> str:
    """The environment's load balancer; the purpose comes first, because AWS refuses names that start `internal-`."""
    return physical_name(limits.NAME_LOAD_BALANCER, "services", scope.env)


class LoadBalancer(pulumi.ComponentResource):
    """An internet-facing application load balancer at services.<domain>. 16 USD a month and what it carries."""

    security_group_id: pulumi.Output[str]
    suffix: pulumi.Output[str]
    listener_arn: pulumi.Output[str]

    def __init__(self, name: str, scope: Scope, network: Network, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("onramp:foundation:LoadBalancer", name, {}, opts)
        self._name = name
        self._scope = scope
        self._tags = scope.tags("foundation")
        self._child = pulumi.ResourceOptions(parent=self)
        self.security_group_id = self._security_group(network)
        balancer = self._balancer(network)
        zone_id = aws.route53.get_zone_output(
            name=scope.environment.domain, private_zone=False, opts=pulumi.InvokeOutputOptions(parent=self)
        ).zone_id
        self.listener_arn = self._listeners(balancer, self._certificate(zone_id))
        aws.route53.Record(
            f"{name}-address",
            zone_id=zone_id,
            name=f"services.{scope.environment.domain}",
            type="A",
            aliases=[{"name": balancer.dns_name, "zone_id": balancer.zone_id, "evaluate_target_health": True}],
            opts=self._child,
        )
        self.suffix = balancer.arn_suffix
        self.register_outputs(
            {"securityGroupId": self.security_group_id, "suffix": self.suffix, "listenerArn": self.listener_arn}
        )

    def _security_group(self, network: Network) -> pulumi.Output[str]:
        group = aws.ec2.SecurityGroup(
            f"{self._name}-sg",
            name=self._scope.name(limits.NAME_SECURITY_GROUP, "load-balancer"),
            description="From the internet to the load balancer",
            vpc_id=network.vpc_id,
            tags=self._tags,
            opts=self._child,
        )
        for port, role in ((HTTP, "http"), (HTTPS_PORT, "https")):
            aws.vpc.SecurityGroupIngressRule(
                f"{self._name}-from-internet-{role}",
                security_group_id=group.id,
                description=f"{role.upper()} from the internet",
                cidr_ipv4="0.0.0.0/0",
                ip_protocol="tcp",
                from_port=port,
                to_port=port,
                tags=self._tags,
                opts=self._child,
            )
        return group.id

    def _balancer(self, network: Network) -> aws.lb.LoadBalancer:
        logs = LogBucket(
            f"{self._name}-logs", self._scope, LOGS, [_delivery(self._scope)], opts=pulumi.ResourceOptions(parent=self)
        )
        return aws.lb.LoadBalancer(
            f"{self._name}-balancer",
            name=balancer_name(self._scope),
            load_balancer_type="application",
            internal=False,
            subnets=network.public_subnet_ids,
            security_groups=[self.security_group_id],
            drop_invalid_header_fields=True,
            enable_deletion_protection=self._scope.is_prod,
            access_logs={"bucket": logs.bucket, "enabled": True},
            tags=self._tags,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[logs.ready], protect=self._scope.is_prod),
        )

    def _certificate(self, zone_id: pulumi.Output[str]) -> pulumi.Output[str]:
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
            zone_id=zone_id,
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

    def _listeners(self, balancer: aws.lb.LoadBalancer, certificate_arn: pulumi.Output[str]) -> pulumi.Output[str]:
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
        listener = aws.lb.Listener(
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
        )
        return listener.arn


def _delivery(scope: Scope) -> Json:
    return {
        "Sid": "LoadBalancerLogs",
        "Effect": "Allow",
        "Principal": {"Service": "logdelivery.elasticloadbalancing.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": bucket_arn(scope, LOGS, f"/AWSLogs/{scope.account}/*"),
    }
