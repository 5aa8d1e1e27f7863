"""The table of what an environment shares: network, load balancer, keys, buckets, audit."""

from collections.abc import Mapping
from typing import Final

from simulator.graph import UNKNOWN
from tests.components.acceptance.reshape import LEFT_OUT
from tests.components.acceptance.row import Row

EC2_TAGS: Final = {"tags": LEFT_OUT}
"""EC2's calls take tags in a list of their own by resource type; their form is compared with the schema."""
_PART_OF_BUCKET: Final = {"bucket": LEFT_OUT}
"""In the schema a bucket is one resource; its name is compared once, so that equal names are found."""
_SOURCE_RULE: Final = {
    "securityGroupId": "GroupId",
    "cidrIpv4": "CidrIp",
}

FOUNDATION: Final[Mapping[str, Row]] = {
    "aws:accessanalyzer/analyzer:Analyzer": Row(
        calls=("accessanalyzer:CreateAnalyzer",), schema="AWS::AccessAnalyzer::Analyzer"
    ),
    "aws:acm/certificate:Certificate": Row(
        calls=("acm:RequestCertificate",), schema="AWS::CertificateManager::Certificate"
    ),
    "aws:acm/certificateValidation:CertificateValidation": Row(
        calls=("acm:DescribeCertificate",),
        in_call={"validationRecordFqdns": LEFT_OUT},  # what the provider waits for, no call
        no_schema="waits for a certificate; CloudFormation waits by itself",
    ),
    "aws:cloudtrail/trail:Trail": Row(
        calls=("cloudtrail:CreateTrail", "cloudtrail:PutEventSelectors"),
        schema="AWS::CloudTrail::Trail",
        given={"TrailName": UNKNOWN},
        in_call={"tags": "TagsList", "name": "Name"},
        in_schema={"name": "TrailName"},
        given_in_schema={"IsLogging": True},
    ),
    "aws:ec2/eip:Eip": Row(calls=("ec2:AllocateAddress",), schema="AWS::EC2::EIP", in_call=EC2_TAGS),
    "aws:ec2/flowLog:FlowLog": Row(
        calls=("ec2:CreateFlowLogs",),
        schema="AWS::EC2::FlowLog",
        names={"iamRoleArn": "DeliverLogsPermissionArn"},
        given={"ResourceType": "VPC"},
        in_call={**EC2_TAGS, "vpcId": "ResourceIds"},
        in_schema={"vpcId": "ResourceId"},
        given_in_schema={"ResourceType": "VPC"},
    ),
    "aws:ec2/internetGateway:InternetGateway": Row(
        calls=("ec2:AttachInternetGateway",),
        schema="AWS::EC2::InternetGateway",
        given={"InternetGatewayId": UNKNOWN},
        in_call=EC2_TAGS,
        in_schema={"vpcId": LEFT_OUT},  # a VPCGatewayAttachment of its own
    ),
    "aws:ec2/natGateway:NatGateway": Row(
        calls=("ec2:CreateNatGateway",), schema="AWS::EC2::NatGateway", in_call=EC2_TAGS
    ),
    "aws:ec2/route:Route": Row(calls=("ec2:CreateRoute",), schema="AWS::EC2::Route"),
    "aws:ec2/routeTable:RouteTable": Row(
        calls=("ec2:CreateRouteTable",), schema="AWS::EC2::RouteTable", in_call=EC2_TAGS
    ),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": Row(
        calls=("ec2:AssociateRouteTable",), schema="AWS::EC2::SubnetRouteTableAssociation"
    ),
    "aws:ec2/securityGroup:SecurityGroup": Row(
        calls=("ec2:CreateSecurityGroup",),
        schema="AWS::EC2::SecurityGroup",
        names={"name": "GroupName"},
        in_call=EC2_TAGS,
        in_schema={"description": "GroupDescription"},
    ),
    "aws:ec2/subnet:Subnet": Row(
        calls=("ec2:CreateSubnet",),
        schema="AWS::EC2::Subnet",
        # Attributes that are modified once the subnet is there.
        in_call={**EC2_TAGS, "assignIpv6AddressOnCreation": LEFT_OUT, "mapPublicIpOnLaunch": LEFT_OUT},
    ),
    "aws:ec2/vpc:Vpc": Row(
        calls=("ec2:CreateVpc",),
        schema="AWS::EC2::VPC",
        # Attributes that are modified once the VPC is there.
        in_call={**EC2_TAGS, "enableDnsHostnames": LEFT_OUT, "enableDnsSupport": LEFT_OUT},
    ),
    "aws:ec2/vpcEndpoint:VpcEndpoint": Row(
        calls=("ec2:CreateVpcEndpoint",), schema="AWS::EC2::VPCEndpoint", in_call=EC2_TAGS
    ),
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": Row(
        calls=("ec2:AuthorizeSecurityGroupEgress",),
        schema="AWS::EC2::SecurityGroupEgress",
        names=_SOURCE_RULE,
        in_call={
            **EC2_TAGS,
            "securityGroupId": "GroupId",
            "ipProtocol": "IpPermissions.IpProtocol",
            "fromPort": "IpPermissions.FromPort",
            "toPort": "IpPermissions.ToPort",
            "cidrIpv4": "IpPermissions.IpRanges.CidrIp",
            "description": "IpPermissions.IpRanges.Description",
            "referencedSecurityGroupId": "IpPermissions.UserIdGroupPairs.GroupId",
        },
        in_schema={"referencedSecurityGroupId": "DestinationSecurityGroupId", "tags": LEFT_OUT},
    ),
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": Row(
        calls=("ec2:AuthorizeSecurityGroupIngress",),
        schema="AWS::EC2::SecurityGroupIngress",
        names=_SOURCE_RULE,
        in_call={
            **EC2_TAGS,
            "securityGroupId": "GroupId",
            "ipProtocol": "IpPermissions.IpProtocol",
            "fromPort": "IpPermissions.FromPort",
            "toPort": "IpPermissions.ToPort",
            "cidrIpv4": "IpPermissions.IpRanges.CidrIp",
            "description": "IpPermissions.IpRanges.Description",
            "referencedSecurityGroupId": "IpPermissions.UserIdGroupPairs.GroupId",
        },
        in_schema={"referencedSecurityGroupId": "SourceSecurityGroupId", "tags": LEFT_OUT},
    ),
    "aws:ecs/cluster:Cluster": Row(
        calls=("ecs:CreateCluster",),
        schema="AWS::ECS::Cluster",
        names={"name": "ClusterName"},
        in_schema={"settings": "ClusterSettings"},
    ),
    "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration": Row(
        calls=("ecr:PutRegistryScanningConfiguration",), schema="AWS::ECR::RegistryScanningConfiguration"
    ),
    "aws:kms/alias:Alias": Row(calls=("kms:CreateAlias",), schema="AWS::KMS::Alias", names={"name": "AliasName"}),
    "aws:kms/key:Key": Row(
        calls=("kms:CreateKey", "kms:ScheduleKeyDeletion"),
        schema="AWS::KMS::Key",
        given={"KeyId": UNKNOWN},
        in_call={
            "enableKeyRotation": LEFT_OUT,  # a call without parameters
            "tags": LEFT_OUT,  # TagKey and TagValue: compared with the schema
            "deletionWindowInDays": "PendingWindowInDays",
        },
        in_schema={"policy": "KeyPolicy", "deletionWindowInDays": "PendingWindowInDays"},
    ),
    "aws:lb/listener:Listener": Row(
        calls=("elbv2:CreateListener",),
        schema="AWS::ElasticLoadBalancingV2::Listener",
        names={
            "certificateArn": "Certificates.CertificateArn",
            "defaultActions.redirect": "RedirectConfig",
            "defaultActions.fixedResponse": "FixedResponseConfig",
        },
    ),
    "aws:lb/loadBalancer:LoadBalancer": Row(
        calls=("elbv2:CreateLoadBalancer",),
        schema="AWS::ElasticLoadBalancingV2::LoadBalancer",
        names={
            # Attributes are key and value pairs of a call of its own, and not typed there.
            "accessLogs": LEFT_OUT,
            "dropInvalidHeaderFields": LEFT_OUT,
            "enableDeletionProtection": LEFT_OUT,
            "loadBalancerType": "Type",
            "internal": LEFT_OUT,  # a scheme, and the default one when it is false
        },
    ),
    "aws:route53/record:Record": Row(
        calls=("route53:ChangeResourceRecordSets",),
        schema="AWS::Route53::RecordSet",
        names={"allowOverwrite": LEFT_OUT, "aliases": "AliasTarget", "records": "ResourceRecords"},
        given={"action": "CREATE"},
        in_call={
            "zoneId": "HostedZoneId",
            "action": "ChangeBatch.Changes.Action",
            "name": "ChangeBatch.Changes.ResourceRecordSet.Name",
            "type": "ChangeBatch.Changes.ResourceRecordSet.Type",
            "ttl": "ChangeBatch.Changes.ResourceRecordSet.TTL",
            "records": "ChangeBatch.Changes.ResourceRecordSet.ResourceRecords[].Value",
            "aliases": "ChangeBatch.Changes.ResourceRecordSet.AliasTarget",
            "aliases.name": "DNSName",
            "aliases.zoneId": "HostedZoneId",
        },
        in_schema={"zoneId": "HostedZoneId", "aliases.name": "DNSName", "aliases.zoneId": "HostedZoneId"},
    ),
    "aws:s3/bucket:Bucket": Row(
        calls=("s3:CreateBucket",),
        schema="AWS::S3::Bucket",
        in_call={"tags": LEFT_OUT},
        in_schema={"bucket": "BucketName"},
    ),
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": Row(
        calls=("s3:PutBucketLifecycleConfiguration",),
        schema="AWS::S3::Bucket",
        in_call={"rules": "LifecycleConfiguration.Rules"},
        in_schema={
            **_PART_OF_BUCKET,
            "rules": "LifecycleConfiguration.Rules",
            "rules.filter": LEFT_OUT,  # the schema has the prefix alone
            "rules.expiration": LEFT_OUT,  # the schema has the days without a block around them
        },
    ),
    "aws:s3/bucketPolicy:BucketPolicy": Row(
        calls=("s3:PutBucketPolicy",), schema="AWS::S3::BucketPolicy", in_schema={"policy": "PolicyDocument"}
    ),
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": Row(
        calls=("s3:PutPublicAccessBlock",),
        schema="AWS::S3::Bucket",
        names={
            key: f"PublicAccessBlockConfiguration.{key[0].upper()}{key[1:]}"
            for key in ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
        },
        in_schema=_PART_OF_BUCKET,
    ),
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": Row(
        calls=("s3:PutBucketEncryption",),
        schema="AWS::S3::Bucket",
        names={"rules.applyServerSideEncryptionByDefault.sseAlgorithm": "SSEAlgorithm"},
        in_call={"rules": "ServerSideEncryptionConfiguration.Rules"},
        in_schema={
            **_PART_OF_BUCKET,
            "rules": "BucketEncryption.ServerSideEncryptionConfiguration",
            "rules.applyServerSideEncryptionByDefault": "ServerSideEncryptionByDefault",
        },
    ),
    "aws:s3/bucketVersioning:BucketVersioning": Row(
        calls=("s3:PutBucketVersioning",), schema="AWS::S3::Bucket", in_schema=_PART_OF_BUCKET
    ),
    "aws:servicediscovery/httpNamespace:HttpNamespace": Row(
        calls=("servicediscovery:CreateHttpNamespace",), schema="AWS::ServiceDiscovery::HttpNamespace"
    ),
    "aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace": Row(
        calls=("servicediscovery:CreatePrivateDnsNamespace",), schema="AWS::ServiceDiscovery::PrivateDnsNamespace"
    ),
    "aws:sns/topicPolicy:TopicPolicy": Row(
        calls=("sns:SetTopicAttributes",),
        schema="AWS::SNS::TopicInlinePolicy",
        given={"AttributeName": "Policy"},
        names={"arn": "TopicArn"},
        in_call={"policy": LEFT_OUT},  # the value of an attribute, without a form
        in_schema={"policy": "PolicyDocument"},
    ),
}
