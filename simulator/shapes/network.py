"""Network, load balancing and names."""

from collections.abc import Mapping
from typing import Final

from simulator.shapes.shape import Shape, arn, by_arn, ec2
from stacks import limits

_GROUP_RULE: Final = ec2("sgr", "security-group-rule", securityGroupRuleId="{id}")

NETWORK: Final[Mapping[str, Shape]] = {
    "aws:ec2/eip:Eip": ec2("eipalloc", "elastic-ip", allocationId="{id}", publicIp="203.0.113.{byte}", domain="vpc"),
    "aws:ec2/flowLog:FlowLog": ec2("fl", "vpc-flow-log"),
    "aws:ec2/internetGateway:InternetGateway": ec2("igw", "internet-gateway", ownerId="{account}"),
    "aws:ec2/natGateway:NatGateway": Shape(
        id="nat-{hex17}",
        computed={
            "associationId": "eipassoc-{hex17}",
            "networkInterfaceId": "eni-{hex17}",
            "privateIp": "10.0.1.{byte}",
            "publicIp": "203.0.113.{byte}",
        },
    ),
    "aws:ec2/route:Route": Shape(
        id="r-{routeTableId}{number10}",
        computed={"origin": "CreateRoute", "state": "active"},
        unique=("routeTableId", "destinationCidrBlock"),
    ),
    "aws:ec2/routeTable:RouteTable": ec2("rtb", "route-table", ownerId="{account}"),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Shape(id="rtbassoc-{hex17}", unique=("subnetId",)),
    "aws:ec2/securityGroup:SecurityGroup": Shape(
        id="sg-{hex17}",
        computed={"arn": arn("ec2", "security-group/{id}"), "ownerId": "{account}"},
        name="name",
        limit=limits.NAME_SECURITY_GROUP,
        unique=("name", "vpcId"),
    ),
    "aws:ec2/securityGroupRule:SecurityGroupRule": Shape(
        id="sgrule-{number10}", computed={"securityGroupRuleId": "sgr-{hex17}"}
    ),
    "aws:ec2/subnet:Subnet": Shape(
        id="subnet-{hex17}",
        computed={"arn": arn("ec2", "subnet/{id}"), "ownerId": "{account}"},
        unique=("vpcId", "cidrBlock"),
    ),
    "aws:ec2/vpc:Vpc": ec2(
        "vpc",
        "vpc",
        defaultNetworkAclId="acl-{hex17}",
        defaultRouteTableId="rtb-{hex17}",
        defaultSecurityGroupId="sg-{hex17}",
        dhcpOptionsId="dopt-{hex17}",
        ipv6CidrBlock=None,
        mainRouteTableId="rtb-{hex17}",
        ownerId="{account}",
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ec2("vpce", "vpc-endpoint", ownerId="{account}", state="available"),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _GROUP_RULE,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _GROUP_RULE,
    "aws:lb/listener:Listener": by_arn(
        "elasticloadbalancing",
        "listener/{loadBalancerArn>loadbalancer/}/{hex16}",
        unique=("loadBalancerArn", "port"),
    ),
    "aws:lb/listenerRule:ListenerRule": by_arn(
        "elasticloadbalancing",
        "listener-rule/{listenerArn>listener/}/{hex16}",
        unique=("listenerArn", "priority"),
    ),
    "aws:lb/loadBalancer:LoadBalancer": by_arn(
        "elasticloadbalancing",
        "loadbalancer/app/{name}/{hex16}",
        name="name",
        limit=limits.NAME_LOAD_BALANCER,
        arnSuffix="app/{name}/{hex16}",
        dnsName="{name}-{number10}.{region}.elb.{suffix}",
        zoneId="Z{alnum14}",
    ),
    "aws:lb/targetGroup:TargetGroup": by_arn(
        "elasticloadbalancing",
        "targetgroup/{name}/{hex16}",
        name="name",
        limit=limits.NAME_TARGET_GROUP,
        arnSuffix="targetgroup/{name}/{hex16}",
    ),
    "aws:lb/targetGroupAttachment:TargetGroupAttachment": Shape(id="{targetGroupArn}-{hex17}"),
    "aws:route53/record:Record": Shape(
        id="{zoneId}_{name}_{type}", computed={"fqdn": "{name}"}, unique=("zoneId", "name", "type"), is_global=True
    ),
    "aws:servicediscovery/httpNamespace:HttpNamespace": Shape(
        id="ns-{alnum16}",
        computed={"arn": arn("servicediscovery", "namespace/{id}"), "httpName": "{name}"},
        name="name",
    ),
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": Shape(
        id="ns-{alnum16}",
        computed={"arn": arn("servicediscovery", "namespace/{id}"), "hostedZone": "Z{alnum14}"},
        unique=("name", "vpc"),
    ),
    "aws:servicediscovery/service:Service": Shape(
        id="srv-{alnum16}", computed={"arn": arn("servicediscovery", "service/{id}")}
    ),
}
