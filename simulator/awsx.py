"""A stand-in for the remote component awsx:ec2:Vpc: it registers the children that awsx 3.x registers.

Follows awsx/ec2/vpc.ts of pulumi-awsx 3.11 for an explicit subnet layout without IPv6 addresses.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from simulator.awsx_layout import SubnetPlan, VpcPlan, plan_vpc
from simulator.graph import Json
from simulator.registrar import Given, Registered, Registrar, Registration, Value, id_of, ids_of
from simulator.standin import Cloud, RefusedError

VPC_TYPE: Final = "awsx:ec2:Vpc"

_ANYWHERE: Final = "0.0.0.0/0"
_HTTPS_PORT: Final = 443
_ENDPOINT_SUBNET_ORDER: Final = ("private", "isolated", "public")  # vpc.ts, selectVpcEndpointSubnetIds


def construct(
    registrar: Registrar, cloud: Cloud, *, kind: str, name: str, urn: str, args: Mapping[str, Json]
) -> dict[str, Given]:
    """Register the children of the remote component `urn` of type `kind`; return its outputs.

    The outputs that are resources (`vpc`, `subnets`, ...) are left out, which makes them unknown at preview.

    Raises:
        RefusedError: there is no stand-in for `kind`, or awsx or this stand-in refuses the arguments.
    """
    if kind != VPC_TYPE:
        raise RefusedError(
            f"There is no stand-in for the remote component {kind} ({name}); there is one for {VPC_TYPE}."
        )
    region = args.get("region")
    zones = cloud.availability_zones(region if isinstance(region, str) else "")
    return _Network(registrar, plan_vpc(name, args, zones), urn).build()


class _Network:
    """Registers one planned VPC; like awsx, every child is ordered after its parent."""

    def __init__(self, registrar: Registrar, plan: VpcPlan, component: str) -> None:
        self._registrar = registrar
        self._plan = plan
        self._vpc = registrar.register(
            Registration(type="aws:ec2/vpc:Vpc", name=plan.name, parent=component, inputs=plan.vpc_inputs)
        )
        self._subnets: list[tuple[SubnetPlan, Registered]] = []
        self._route_tables: list[Registered] = []
        self._nat_gateways: list[Registered] = []

    def build(self) -> dict[str, Given]:
        """Register everything inside the VPC and return the component's outputs."""
        internet = self._child(
            "aws:ec2/internetGateway:InternetGateway",
            self._plan.name,
            self._vpc,
            {"vpcId": id_of(self._vpc), "tags": self._plan.shared_tags},
        )
        for index, zone in enumerate(self._plan.zones):
            for subnet in zone:
                self._subnet(subnet, internet, index)
        for spec in self._plan.endpoints:
            self._endpoint(spec)
        return {
            "vpcId": id_of(self._vpc),
            "publicSubnetIds": ids_of(self._with_role("public")),
            "privateSubnetIds": ids_of(self._with_role("private")),
            "isolatedSubnetIds": ids_of(self._with_role("isolated")),
        }

    def _child(
        self, kind: str, name: str, parent: Registered, inputs: Mapping[str, Value], after: str = ""
    ) -> Registered:
        needs = (after or parent.urn,)
        inputs = {"region": self._plan.region, **inputs}
        return self._registrar.register(
            Registration(type=kind, name=name, parent=parent.urn, inputs=inputs, needs=needs)
        )

    def _subnet(self, plan: SubnetPlan, internet: Registered, zone: int) -> None:
        named: dict[str, Json] = {"Name": plan.name, "SubnetType": plan.kind}
        subnet = self._child(
            "aws:ec2/subnet:Subnet",
            plan.name,
            self._vpc,
            {
                "vpcId": id_of(self._vpc),
                "availabilityZone": plan.zone,
                "mapPublicIpOnLaunch": plan.role == "public",
                "cidrBlock": plan.cidr_block,
                "assignIpv6AddressOnCreation": False,
                "ipv6CidrBlock": self._vpc.output("ipv6CidrBlock"),
                "tags": {**self._plan.shared_tags, **plan.tags, **named},
            },
        )
        self._subnets.append((plan, subnet))
        table_inputs: Mapping[str, Value] = {"vpcId": id_of(self._vpc), "tags": {**self._plan.shared_tags, **named}}
        table = self._child("aws:ec2/routeTable:RouteTable", plan.name, subnet, table_inputs)
        self._route_tables.append(table)
        self._child(
            "aws:ec2/routeTableAssociation:RouteTableAssociation",
            plan.name,
            table,
            {"routeTableId": id_of(table), "subnetId": id_of(subnet)},
        )
        if plan.role == "public" and len(self._nat_gateways) < self._plan.nat_gateways_up_to(zone):
            self._nat_gateway(subnet, zone)
        if target := self._route_target(plan, internet, zone):
            self._child(
                "aws:ec2/route:Route",
                plan.name,
                table,
                {"routeTableId": id_of(table), "destinationCidrBlock": _ANYWHERE, **target},
            )

    def _route_target(self, plan: SubnetPlan, internet: Registered, zone: int) -> dict[str, Given]:
        """Where a subnet's traffic to the internet goes; an isolated subnet has none."""
        if plan.role == "public":
            return {"gatewayId": id_of(internet)}
        if plan.role == "private" and self._plan.nat_strategy != "None":
            return {"natGatewayId": id_of(self._nat_gateways[0 if self._plan.nat_strategy == "Single" else zone])}
        return {}

    def _nat_gateway(self, subnet: Registered, zone: int) -> None:
        name = f"{self._plan.name}-{zone + 1}"
        tags: dict[str, Json] = {**self._plan.tags, "Name": name}
        if self._plan.allocation_ids:
            allocation: Value = self._plan.allocation_ids[zone]
        else:
            allocation = self._child("aws:ec2/eip:Eip", name, subnet, {"tags": tags}).output("allocationId")
        inputs: Mapping[str, Value] = {"subnetId": id_of(subnet), "allocationId": allocation, "tags": tags}
        self._nat_gateways.append(self._child("aws:ec2/natGateway:NatGateway", name, subnet, inputs))

    def _endpoint(self, spec: Mapping[str, Json]) -> None:
        """A VPC endpoint; with the Auto strategy, what the spec leaves out is filled in from the network."""
        service = str(spec["serviceName"])
        inputs: dict[str, Value] = {
            **spec,
            "vpcId": id_of(self._vpc),
            "tags": {**self._plan.shared_tags, **_tags_of(spec)},
        }
        kind = str(spec.get("vpcEndpointType") or "Gateway").lower()
        if self._plan.automatic_endpoints and kind == "gateway":
            inputs.setdefault("routeTableIds", ids_of(self._route_tables))
        if self._plan.automatic_endpoints and kind == "interface":
            if "subnetConfigurations" not in spec:
                inputs.setdefault("subnetIds", ids_of(self._endpoint_subnets()))
            inputs.setdefault("privateDnsEnabled", True)
            if "securityGroupIds" not in spec:
                inputs["securityGroupIds"] = ids_of([self._endpoint_security_group(service, spec)])
        self._child("aws:ec2/vpcEndpoint:VpcEndpoint", service, self._vpc, inputs)

    def _endpoint_security_group(self, service: str, spec: Mapping[str, Json]) -> Registered:
        region: Mapping[str, Value] = {"region": spec["region"]} if "region" in spec else {}
        group = self._child(
            "aws:ec2/securityGroup:SecurityGroup",
            f"{service}-sg",
            self._vpc,
            {**region, "vpcId": id_of(self._vpc), "tags": {**self._plan.shared_tags, **_tags_of(spec)}},
        )
        source = Given(value=[self._plan.vpc_inputs["cidrBlock"]], sources=(self._vpc.urn,))
        self._child(
            "aws:ec2/securityGroupRule:SecurityGroupRule",
            f"{service}-ingress",
            self._vpc,
            {
                **region,
                "type": "ingress",
                "securityGroupId": id_of(group),
                "protocol": "tcp",
                "fromPort": _HTTPS_PORT,
                "toPort": _HTTPS_PORT,
                "cidrBlocks": source,
            },
            after=group.urn,
        )
        return group

    def _endpoint_subnets(self) -> Sequence[Registered]:
        """One subnet per zone, a private one where there is one."""
        chosen: dict[str, Registered] = {}
        for role in _ENDPOINT_SUBNET_ORDER:
            for plan, subnet in self._subnets:
                if plan.role == role:
                    chosen.setdefault(plan.zone, subnet)
        return [chosen[zone] for zone in dict.fromkeys(plan.zone for plan, _ in self._subnets)]

    def _with_role(self, role: str) -> list[Registered]:
        return [subnet for plan, subnet in self._subnets if plan.role == role]


def _tags_of(spec: Mapping[str, Json]) -> Mapping[str, Json]:
    tags = spec.get("tags")
    return tags if isinstance(tags, dict) else {}
