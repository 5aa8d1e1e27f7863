"""The web firewall (WAFv2) before what the environment shows to the internet.

WAF guards load balancers, App Runner services and REST APIs. It does not take HTTP APIs (API Gateway v2): those have
their throttles and authorization alone.
"""

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from components.foundation.interface import Foundation
from components.foundation.keys import Keys
from components.scope import Scope
from stacks import limits
from stacks.standards import FIREWALL_GROUPS, FIREWALL_RATE, FIREWALL_RATE_SECONDS, LOG_RETENTION_DAYS

LOGS_PREFIX: Final = "aws-waf-logs-"
"""WAF writes to no log group that is called otherwise."""
REDACTED_HEADERS: Final = ("authorization", "cookie")
"""Headers that open doors, and have no place in a log."""
BODY_SIZE_RULE: Final = "SizeRestrictions_BODY"
"""Of the common rules: refuses bodies above 8 KB, which ordinary uploads are; it counts them here instead."""


class Firewall(pulumi.ComponentResource):
    """A regional web ACL: four groups of managed rules, and no more than 2,000 requests of an address in five minutes.

    5 USD a month and 1 USD for each of its five rules; 0.60 USD for each million requests. It logs what it blocked or
    counted, without the headers that hold credentials; access logs have the rest.
    """

    web_acl_arn: pulumi.Output[str]

    def __init__(
        self,
        name: str,
        scope: Scope,
        keys: Keys,
        load_balancer_arn: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("onramp:foundation:Firewall", name, {}, opts)
        self._child = pulumi.ResourceOptions(parent=self)
        acl = aws.wafv2.WebAcl(
            f"{name}-acl",
            name=scope.name(limits.NAME_WEB_ACL, "public"),
            description=f"Before the public entry points of {scope.env}",
            scope="REGIONAL",
            default_action={"allow": {}},
            rules=[_rate_limit(scope, 0), *_managed(scope, first=1)],
            visibility_config=_visible(scope, "public"),
            tags=scope.tags("foundation"),
            opts=self._child,
        )
        aws.wafv2.WebAclAssociation(
            f"{name}-load-balancer", resource_arn=load_balancer_arn, web_acl_arn=acl.arn, opts=self._child
        )
        self._logs(name, scope, keys, acl)
        self.web_acl_arn = acl.arn
        self.register_outputs({"webAclArn": self.web_acl_arn})

    def _logs(self, name: str, scope: Scope, keys: Keys, acl: aws.wafv2.WebAcl) -> None:
        group = aws.cloudwatch.LogGroup(
            f"{name}-logs",
            name=f"{LOGS_PREFIX}{scope.env}",
            retention_in_days=LOG_RETENTION_DAYS[scope.tier],
            kms_key_id=keys.logs_arn,
            tags=scope.tags("foundation"),
            opts=self._child,
        )
        conditions: Sequence[aws.wafv2.WebAclLoggingConfigurationLoggingFilterFilterConditionArgsDict] = [
            {"action_condition": {"action": action}} for action in ("BLOCK", "COUNT")
        ]
        aws.wafv2.WebAclLoggingConfiguration(
            f"{name}-logging",
            resource_arn=acl.arn,
            log_destination_configs=[group.arn],
            redacted_fields=[{"single_header": {"name": header}} for header in REDACTED_HEADERS],
            logging_filter={
                "default_behavior": "DROP",
                "filters": [{"behavior": "KEEP", "requirement": "MEETS_ANY", "conditions": conditions}],
            },
            opts=self._child,
        )


def guard(
    name: str,
    scope: Scope,
    foundation: Foundation,
    resource_arn: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> None:
    """Put the environment's firewall before a public entry point of a service, unless it is off (`firewall: false`).

    Args:
        name: of the Pulumi resource.
        scope: says whether the firewall is on.
        foundation: has the firewall.
        resource_arn: of an App Runner service or a load balancer; an HTTP API is not taken.
        opts: its parent.
    """
    if scope.environment.firewall:
        web_acl_arn = foundation.web_acl_arn.apply(lambda found: _present(foundation.owner, found))
        aws.wafv2.WebAclAssociation(name, resource_arn=resource_arn, web_acl_arn=web_acl_arn, opts=opts)


def _present(owner: str, web_acl_arn: str) -> str:
    if web_acl_arn:
        return web_acl_arn
    raise pulumi.RunError(
        f"The foundation of the stack {owner} has no firewall, and environment.firewall is on here.\n"
        f"    fix: write `firewall: true` in the stack {owner} and update it, or `firewall: false` here."
    )


def _rate_limit(scope: Scope, priority: int) -> aws.wafv2.WebAclRuleArgsDict:
    """First, because what is turned away here costs nothing further."""
    return {
        "name": "rate-limit",
        "priority": priority,
        "action": {"block": {}},
        "statement": {
            "rate_based_statement": {
                "aggregate_key_type": "IP",
                "limit": FIREWALL_RATE,
                "evaluation_window_sec": FIREWALL_RATE_SECONDS,
            }
        },
        "visibility_config": _visible(scope, "rate-limit"),
    }


def _managed(scope: Scope, *, first: int) -> list[aws.wafv2.WebAclRuleArgsDict]:
    """AWS's own groups in the order of the standard, each with the actions that AWS gave its rules."""
    return [
        {
            "name": group,
            "priority": priority,
            "override_action": {"none": {}},
            "statement": {
                "managed_rule_group_statement": {
                    "vendor_name": "AWS",
                    "name": group,
                    "rule_action_overrides": _overrides(group),
                }
            },
            "visibility_config": _visible(scope, group),
        }
        for priority, group in enumerate(FIREWALL_GROUPS, first)
    ]


def _overrides(
    group: str,
) -> list[aws.wafv2.WebAclRuleStatementManagedRuleGroupStatementRuleActionOverrideArgsDict]:
    if group != "AWSManagedRulesCommonRuleSet":
        return []
    return [{"name": BODY_SIZE_RULE, "action_to_use": {"count": {}}}]


def _visible(scope: Scope, what: str) -> aws.wafv2.WebAclVisibilityConfigArgsDict:
    return {
        "metric_name": f"{scope.env}-{what}",
        "cloudwatch_metrics_enabled": True,
        "sampled_requests_enabled": True,
    }
