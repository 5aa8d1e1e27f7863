"""What the stand-in cloud answers when a program asks a question at preview time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import pulumi

from simulator.graph import Json
from simulator.partitions import partition_of

STAND_IN_ACCOUNT: Final = "123456789012"
"""The account number of the examples in AWS's own documentation; no real account has it."""

_ZONE_LETTERS: Final = ("a", "b", "c")  # every AWS region has at least three availability zones
_HOSTED_ZONE_ID: Final = "Z0STANDIN0000000000"


class RefusedError(pulumi.RunError):
    """The stand-in does not know the answer; a RunError, so that the SDK ends the program without a traceback."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cloud:
    """The AWS account and region a preview pretends to see, and the outputs of the stacks it may refer to."""

    region: str
    account: str = STAND_IN_ACCOUNT
    references: Mapping[str, Mapping[str, Json]] = field(default_factory=dict[str, Mapping[str, Json]])

    def availability_zones(self, region: str = "") -> list[str]:
        """The zone names of `region` (by default the cloud's own), in AWS's order."""
        return [f"{region or self.region}{letter}" for letter in _ZONE_LETTERS]

    def invoke(self, token: str, args: Mapping[str, Json]) -> dict[str, Json]:
        """The result of the provider function `token`.

        Raises:
            RefusedError: nobody taught the stand-in this function.
        """
        region = str(args.get("region") or self.region)
        match token:
            case "aws:index/getCallerIdentity:getCallerIdentity":
                return self._caller_identity()
            case "aws:index/getRegion:getRegion":
                return {"id": region, "name": region, "region": region, "description": region, "endpoint": ""}
            case "aws:index/getPartition:getPartition":
                return self._partition()
            case "aws:index/getAvailabilityZones:getAvailabilityZones":
                names = self.availability_zones(region)
                return {"id": region, "region": region, "names": [*names], "zoneIds": [*names], "groupNames": [region]}
            case "aws:route53/getZone:getZone":
                return self._hosted_zone(args)
            case "aws:secretsmanager/getSecretVersion:getSecretVersion":
                return self._secret_version(str(args.get("secretId")))
            case _:
                raise RefusedError(
                    f"The stand-in has no answer for the function {token}. Add one in simulator/standin.py."
                )

    def stack_outputs(self, stack: str) -> Mapping[str, Json]:
        """The outputs of another stack.

        Raises:
            RefusedError: no outputs were given for `stack`.
        """
        outputs = self.references.get(stack)
        if outputs is None:
            known = ", ".join(sorted(self.references)) or "none"
            raise RefusedError(
                f"The program refers to the stack {stack}, but the embedded engine was not given its outputs. "
                f"Given: {known}."
            )
        return outputs

    def _caller_identity(self) -> dict[str, Json]:
        partition, _ = partition_of(self.region)
        arn = f"arn:{partition}:sts::{self.account}:assumed-role/stand-in/preview"
        return {"id": self.account, "accountId": self.account, "arn": arn, "userId": "AROASTANDIN:preview"}

    def _partition(self) -> dict[str, Json]:
        partition, dns_suffix = partition_of(self.region)
        reverse = ".".join(reversed(dns_suffix.split(".")))
        return {"id": partition, "partition": partition, "dnsSuffix": dns_suffix, "reverseDnsPrefix": reverse}

    def _secret_version(self, secret: str) -> dict[str, Json]:
        arn = f"arn:{partition_of(self.region)[0]}:secretsmanager:{self.region}:{self.account}:secret:{secret}"
        return {
            "id": f"{secret}|AWSCURRENT",
            "arn": arn,
            "secretId": secret,
            "secretString": "https://stand-in.invalid/secret-value",
            "secretBinary": "",
            "versionId": "00000000-0000-0000-0000-000000000000",
            "versionStage": "AWSCURRENT",
            "versionStages": ["AWSCURRENT"],
            "createdDate": "2026-01-01T00:00:00Z",
        }

    def _hosted_zone(self, args: Mapping[str, Json]) -> dict[str, Json]:
        zone_id = str(args.get("zoneId") or _HOSTED_ZONE_ID)
        return {
            "id": zone_id,
            "zoneId": zone_id,
            "arn": f"arn:{partition_of(self.region)[0]}:route53:::hostedzone/{zone_id}",
            "name": str(args.get("name") or "standin.example").rstrip("."),
            "privateZone": bool(args.get("privateZone")),
            "callerReference": "stand-in",
            "comment": "",
            "nameServers": ["ns-1.standin.example", "ns-2.standin.example"],
            "primaryNameServer": "ns-1.standin.example",
            "linkedServiceDescription": "",
            "linkedServicePrincipal": "",
            "resourceRecordSetCount": 2,
            "tags": {},
        }
