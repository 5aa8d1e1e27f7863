"""A probe: CloudWatch Synthetics asks for the public route of a service, as a user would, and remembers the answers."""

from collections.abc import Mapping
from typing import Final

import pulumi
import pulumi_aws as aws

from components.concerns.concern import Concern
from components.foundation.bucket import PROBES, RUNS, bucket_arn, bucket_name_of
from components.foundation.interface import Foundation
from components.iam import Statement, service_role, unscoped
from components.scope import ServiceScope, compact_json
from components.signals import probes
from components.signals.alarm import Alarm
from stacks import limits
from stacks.models import ProbePlan, Service
from stacks.naming import fingerprint
from stacks.routing import matching, split_route
from stacks.standards import LOG_RETENTION_DAYS

RUNTIME: Final = "syn-nodejs-puppeteer-15.0"
"""The newest (CloudWatch user guide, runtime versions using Node.js and Puppeteer); Synthetics has x86 alone."""
TIMEOUT_SECONDS: Final = 60
"""For the whole run; a cold start alone takes 15."""
ANSWER_SECONDS: Final = 30
RETENTION_DAYS: Final = 30
"""What Synthetics remembers of runs; the bucket keeps their artifacts as long."""
MINUTES_PER_HOUR: Final = 60

SCRIPT: Final = f"""\
const https = require("https");

exports.handler = () => new Promise((resolve, reject) => {{
  const {{ HOST, PATH_AND_QUERY, HEADERS, STATUS_BELOW }} = process.env;
  const headers = {{ "User-Agent": "onramp-probe", ...JSON.parse(HEADERS) }};
  const options = {{ host: HOST, path: PATH_AND_QUERY, headers }};
  const request = https.get(options, (answer) => {{
    answer.resume();
    const said = `https://${{HOST}}${{PATH_AND_QUERY}} answered ${{answer.statusCode}}`;
    console.log(said);
    answer.statusCode < Number(STATUS_BELOW) ? resolve(said) : reject(new Error(said));
  }});
  request.setTimeout({ANSWER_SECONDS}000, () => request.destroy(new Error("no answer in {ANSWER_SECONDS} seconds")));
  request.on("error", reject);
}});
"""
"""Needs nothing but Node.js; it names itself, because the firewall turns away whoever does not."""
HANDLER: Final = "probe.handler"
IN_ZIP: Final = "nodejs/node_modules/probe.js"
"""Where Synthetics looks for the file of the handler."""


class Probe:
    """One canary with its code, role and logs; it belongs to the concern that it is made for.

    0.0012 USD a run: 10 USD a month at one run in five minutes.
    """

    def __init__(
        self,
        concern: Concern,
        plan: ProbePlan,
        foundation: Foundation,
        *,
        host: pulumi.Input[str],
        headers: Mapping[str, str],
    ) -> None:
        self._name = f"{concern.name}-probe"
        self._concern = concern
        self._scope = scope = concern.scope
        role, policy = self._role()
        canary = aws.synthetics.Canary(
            self._name,
            name=canary_name(scope),
            runtime_version=RUNTIME,
            handler=HANDLER,
            s3_bucket=foundation.probe_bucket,
            s3_key=self._code(foundation).key,
            execution_role_arn=role.arn,
            artifact_s3_location=f"s3://{bucket_name_of(scope.scope, PROBES)}/{_artifacts(scope)}",
            artifact_config={"s3_encryption": {"encryption_mode": "SSE_S3"}},
            schedule={"expression": _rate(plan.every_minutes)},
            run_config={
                "timeout_in_seconds": TIMEOUT_SECONDS,
                "environment_variables": {
                    "HOST": host,
                    "HEADERS": compact_json(headers),
                    "PATH_AND_QUERY": plan.path,
                    "STATUS_BELOW": str(plan.status_below),
                },
            },
            success_retention_period=RETENTION_DAYS,
            failure_retention_period=RETENTION_DAYS,
            start_canary=True,
            delete_lambda=True,
            tags=concern.tags,
            opts=concern.after(policy),
        )
        # Lambda would make the group by itself, to be kept for ever; the role may not, so this one is the one.
        aws.cloudwatch.LogGroup(
            f"{self._name}-logs",
            name=canary.engine_arn.apply(_log_group),
            retention_in_days=LOG_RETENTION_DAYS[scope.scope.tier],
            kms_key_id=foundation.logs_key_arn,
            tags=concern.tags,
            opts=concern.child,
        )

    def _code(self, foundation: Foundation) -> aws.s3.BucketObjectv2:
        return aws.s3.BucketObjectv2(
            f"{self._name}-code",
            bucket=foundation.probe_bucket,
            key=f"code/{self._scope.service}/{fingerprint(SCRIPT)}.zip",
            source=pulumi.AssetArchive({IN_ZIP: pulumi.StringAsset(SCRIPT)}),
            tags=self._concern.tags,
            opts=self._concern.child,
        )

    def _role(self) -> tuple[aws.iam.Role, aws.iam.RolePolicy]:
        scope = self._scope.scope
        return service_role(
            f"{self._name}-role",
            scope=scope,
            role_name=self._scope.name(limits.NAME_IAM_ROLE, "probe"),
            principal="lambda.amazonaws.com",
            statements=[
                Statement(
                    sid="Artifacts",
                    actions=["s3:PutObject", "s3:GetObject"],
                    resources=[bucket_arn(scope, PROBES, f"/{_artifacts(self._scope)}/*")],
                ),
                Statement(sid="Bucket", actions=["s3:GetBucketLocation"], resources=[bucket_arn(scope, PROBES)]),
                unscoped("FindBucket", ["s3:ListAllMyBuckets"]),
                Statement(
                    sid="Logs",
                    actions=["logs:CreateLogStream", "logs:PutLogEvents"],
                    resources=[scope.arn("logs", f"log-group:/aws/lambda/cwsyn-{canary_name(self._scope)}-*")],
                ),
                unscoped(
                    "Metrics",
                    ["cloudwatch:PutMetricData"],
                    condition={"StringEquals": {"cloudwatch:namespace": "CloudWatchSynthetics"}},
                ),
            ],
            tags=self._concern.tags,
            opts=self._concern.child,
        )


def probe_route(concern: Concern, spec: Service, foundation: Foundation) -> None:
    """Ask for a service from the internet, if it is to be asked; the probe belongs to `concern`."""
    if spec.probe is not None and spec.probe.enabled:
        headers = {name: matching(value) for name, value in spec.headers.items()}
        Probe(concern, spec.probe, foundation, host=public_host(concern.scope, spec), headers=headers)


def canary_name(scope: ServiceScope) -> str:
    """The canary of a service."""
    return scope.name(limits.NAME_CANARY)


def public_host(scope: ServiceScope, spec: Service) -> str:
    """Where a service is asked: at its route's host, at what answers for all routes, or at a domain of its own."""
    if spec.route is None:
        return scope.scope.own_domain(scope.service)
    host, _ = split_route(spec.route)
    door = "api" if spec.is_behind_the_api else "services"
    return host or f"{door}.{scope.scope.environment.domain}"


def probe_alarms(scope: ServiceScope, spec: Service) -> list[Alarm]:
    """What is watched of the service's probe; nothing where it has none."""
    if spec.probe is None or not spec.probe.enabled:
        return []
    return probes.alarms(canary_name(scope), spec.probe.every_minutes)


def _artifacts(scope: ServiceScope) -> str:
    return f"{RUNS}{scope.service}"


def _rate(minutes: int) -> str:
    if minutes == MINUTES_PER_HOUR:
        return "rate(1 hour)"
    return f"rate({minutes} minute{'s' if minutes > 1 else ''})"


def _log_group(engine_arn: str) -> str:
    """The log group of the canary's function, from the ARN of one of its versions."""
    return f"/aws/lambda/{engine_arn.split(':')[6]}"
