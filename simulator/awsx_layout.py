"""What an awsx:ec2:Vpc will be made of, worked out from its arguments before anything is registered."""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final, cast

from simulator.graph import Json
from simulator.standin import RefusedError

_VPC_INPUTS: Final = (
    "cidrBlock",
    "enableDnsHostnames",
    "enableDnsSupport",
    "enableNetworkAddressUsageMetrics",
    "instanceTenancy",
    "region",
)
_LAYOUT_INPUTS: Final = (
    "availabilityZoneNames",
    "natGateways",
    "numberOfAvailabilityZones",
    "subnetSpecs",
    "subnetStrategy",
    "tags",
    "vpcEndpointSpecs",
    "vpcEndpointStrategy",
)
_SPEC_INPUTS: Final = frozenset({"cidrBlocks", "cidrMask", "name", "size", "tags", "type"})
_KIND_ORDER: Final = ("public", "private", "isolated")
_NAT_STRATEGIES: Final = ("None", "Single", "OnePerAz")
_PRIVATE_DNS: Final[Mapping[str, Json]] = {"enableDnsHostnames": True, "enableDnsSupport": True}
_DEFAULT_ZONES: Final = 3  # vpc.ts, getDefaultAzs
_DEFAULT_CIDR: Final = "10.0.0.0/16"  # vpc.ts, decideCidrBlockVpcInput


@dataclass(frozen=True, kw_only=True, slots=True)
class SubnetPlan:
    """One subnet: `kind` as the caller spelled it (Public, Private, Isolated), `name` also its Name tag."""

    name: str
    kind: str
    zone: str
    cidr_block: str
    tags: Mapping[str, Json]

    @property
    def role(self) -> str:
        """The kind in lower case; awsx compares kinds that way."""
        return self.kind.lower()


@dataclass(frozen=True, kw_only=True, slots=True)
class VpcPlan:
    """The whole network: subnets zone by zone, public ones first so that a NAT gateway exists before its routes."""

    name: str
    vpc_inputs: Mapping[str, Json]
    tags: Mapping[str, Json]
    zones: tuple[tuple[SubnetPlan, ...], ...]
    nat_strategy: str
    allocation_ids: tuple[str, ...]
    endpoints: tuple[Mapping[str, Json], ...]
    automatic_endpoints: bool

    @property
    def shared_tags(self) -> dict[str, Json]:
        """The tags every child but the NAT gateways starts from."""
        return {"Name": self.name, **self.tags}

    @property
    def region(self) -> Json:
        """The region given for the component, None when it is the provider's."""
        return self.vpc_inputs.get("region")

    def nat_gateways_up_to(self, zone: int) -> int:
        """How many NAT gateways there are once the public subnets of the zone with index `zone` are done."""
        return {"None": 0, "Single": 1, "OnePerAz": zone + 1}[self.nat_strategy]


def plan_vpc(name: str, args: Mapping[str, Json], region_zones: Sequence[str]) -> VpcPlan:
    """Read the arguments as awsx does. `region_zones` are the zones awsx would look up.

    Raises:
        RefusedError: awsx itself would refuse the arguments, or this stand-in cannot follow them.
    """
    where = f"awsx:ec2:Vpc {name}"
    unfollowed = sorted(set(args) - set(_VPC_INPUTS) - set(_LAYOUT_INPUTS))
    if unfollowed:
        raise RefusedError(f"{where}: the stand-in does not follow {', '.join(unfollowed)}.")
    zone_names = _zone_names(where, args, region_zones)
    specs = _subnet_specs(where, args, len(zone_names))
    zones = tuple(_subnets_of(name, specs, index, zone) for index, zone in enumerate(zone_names))
    _check_overlaps(where, zones)
    strategy, allocation_ids = _nat(where, args, zones)
    endpoints = _endpoints(where, args)
    automatic = args.get("vpcEndpointStrategy") == "Auto"
    dns = _PRIVATE_DNS if automatic and any(_wants_private_dns(spec) for spec in endpoints) else {}
    tags = _mapping(where, "tags", args.get("tags"))
    given = {key: args[key] for key in _VPC_INPUTS if key in args}
    return VpcPlan(
        name=name,
        vpc_inputs={"cidrBlock": _DEFAULT_CIDR, **dns, **given, "tags": {"Name": name, **tags}},
        tags=tags,
        zones=zones,
        nat_strategy=strategy,
        allocation_ids=allocation_ids,
        endpoints=endpoints,
        automatic_endpoints=automatic,
    )


def _zone_names(where: str, args: Mapping[str, Json], region_zones: Sequence[str]) -> Sequence[str]:
    names, count = args.get("availabilityZoneNames"), args.get("numberOfAvailabilityZones")
    if names and count:
        raise RefusedError(
            f"{where}: only one of availabilityZoneNames and numberOfAvailabilityZones can be specified."
        )
    if isinstance(names, list) and names:
        return [str(zone) for zone in names]
    wanted = int(cast("float", count)) if count else _DEFAULT_ZONES
    if wanted > len(region_zones):
        raise RefusedError(f"{where}: wants {wanted} availability zones, the region has {len(region_zones)}.")
    return region_zones[:wanted]


def _subnet_specs(where: str, args: Mapping[str, Json], zone_count: int) -> list[dict[str, Json]]:
    specs = cast("list[dict[str, Json]]", args.get("subnetSpecs") or [])
    if args.get("subnetStrategy") not in {"Auto", "Exact"} or not all(spec.get("cidrBlocks") for spec in specs or [{}]):
        raise RefusedError(
            f"{where}: the stand-in needs subnetStrategy Auto (or Exact) and cidrBlocks in every subnet spec."
        )
    for index, spec in enumerate(specs):
        if unfollowed := sorted(set(spec) - _SPEC_INPUTS):
            raise RefusedError(f"{where}: subnetSpecs[{index}]: cannot follow {', '.join(unfollowed)}.")
        if len(cast("list[Json]", spec["cidrBlocks"])) != zone_count:
            raise RefusedError(
                f"{where}: the number of CIDR blocks in subnetSpecs[{index}] must match the number of "
                f"availability zones ({zone_count})."
            )
    names = [_spec_name(spec) for spec in specs]
    if len(set(names)) < len(names):
        raise RefusedError(f"{where}: subnet specs of the same type require unique names.")
    return sorted(
        (spec for spec in specs if str(spec["type"]).lower() != "unused"),
        key=lambda spec: _KIND_ORDER.index(str(spec["type"]).lower()),
    )


def _subnets_of(name: str, specs: Sequence[Mapping[str, Json]], index: int, zone: str) -> tuple[SubnetPlan, ...]:
    return tuple(
        SubnetPlan(
            name=f"{name}-{_spec_name(spec)}-{index + 1}",
            kind=str(spec["type"]),
            zone=zone,
            cidr_block=str(cast("list[Json]", spec["cidrBlocks"])[index]),
            tags=_mapping(name, "subnetSpecs.tags", spec.get("tags")),
        )
        for spec in specs
    )


def _spec_name(spec: Mapping[str, Json]) -> str:
    return str(spec.get("name") or str(spec["type"]).lower())


def _check_overlaps(where: str, zones: Sequence[Sequence[SubnetPlan]]) -> None:
    networks = [(subnet.name, ipaddress.ip_network(subnet.cidr_block)) for zone in zones for subnet in zone]
    for (one, first), (other, second) in combinations(networks, 2):
        if first.overlaps(second):
            raise RefusedError(f"{where}: the subnets {one} ({first}) and {other} ({second}) overlap.")


def _nat(where: str, args: Mapping[str, Json], zones: Sequence[Sequence[SubnetPlan]]) -> tuple[str, tuple[str, ...]]:
    nat = _mapping(where, "natGateways", args.get("natGateways"))
    strategy = str(nat.get("strategy") or "OnePerAz")
    if strategy not in _NAT_STRATEGIES:
        raise RefusedError(f"{where}: unknown NAT gateway strategy {strategy}; known: {', '.join(_NAT_STRATEGIES)}.")
    roles = {subnet.role for zone in zones for subnet in zone}
    if strategy != "None" and not ("public" in roles and roles & {"private", "isolated"}):
        raise RefusedError(f"{where}: NAT strategy {strategy} needs public subnets and private or isolated ones.")
    allocation_ids = tuple(str(one) for one in cast("list[Json]", nat.get("elasticIpAllocationIds") or []))
    allowed = {"None": 0, "Single": 1, "OnePerAz": len(zones)}[strategy]
    if allocation_ids and len(allocation_ids) != allowed:
        raise RefusedError(
            f"{where}: NAT strategy {strategy} takes {allowed} elastic IPs, {len(allocation_ids)} given."
        )
    return strategy, allocation_ids


def _endpoints(where: str, args: Mapping[str, Json]) -> tuple[Mapping[str, Json], ...]:
    specs = cast("list[Mapping[str, Json]]", args.get("vpcEndpointSpecs") or [])
    for spec in specs:
        if isinstance(spec.get("ipAddressType"), str) and spec["ipAddressType"] != "ipv4":
            raise RefusedError(f"{where}: the stand-in follows IPv4 endpoints only ({spec['serviceName']}).")
    return tuple(specs)


def _wants_private_dns(spec: Mapping[str, Json]) -> bool:
    interface = str(spec.get("vpcEndpointType") or "Gateway").lower() == "interface"
    return interface and spec.get("privateDnsEnabled") is not False


def _mapping(where: str, key: str, value: Json) -> Mapping[str, Json]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise RefusedError(f"{where}: {key} must be known at preview time.")
    return value
