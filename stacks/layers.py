"""The Lambda layers that AWS publishes: their ARNs differ by region, so they are a table here and known at preview."""

from collections.abc import Mapping
from typing import Final

ADOT_ACCOUNT: Final = "901920570463"
"""AWS Distro for OpenTelemetry publishes the same layers from one account in all commercial regions."""
ADOT_LAYERS: Final[Mapping[str, str]] = {
    "python": "aws-otel-python-arm64-ver-1-32-0:2",
    "nodejs": "aws-otel-nodejs-arm64-ver-1-30-2:1",
    "java": "aws-otel-java-agent-arm64-ver-1-32-0:1",
    "provided": "aws-otel-collector-arm64-ver-0-117-0:1",
}
"""By the first word of the runtime (ADOT documentation, Lambda layers for arm64)."""
ADOT_WRAPPERS: Final[Mapping[str, str]] = {
    "python": "/opt/otel-instrument",
    "nodejs": "/opt/otel-handler",
    "java": "/opt/otel-handler",
}
"""What starts the runtime with instrumentation; a custom runtime brings its own."""

SECRETS_EXTENSION: Final = "AWS-Parameters-and-Secrets-Lambda-Extension-Arm64:11"
SECRETS_EXTENSION_ACCOUNTS: Final[Mapping[str, str]] = {
    "ap-northeast-1": "133490724326",
    "ap-south-1": "176022468876",
    "ap-southeast-1": "044395824272",
    "ap-southeast-2": "665172237481",
    "ca-central-1": "200266452380",
    "eu-central-1": "187925254637",
    "eu-north-1": "427196147048",
    "eu-west-1": "015030872274",
    "eu-west-2": "133256977650",
    "eu-west-3": "780235371811",
    "sa-east-1": "933737806257",
    "us-east-1": "177933569100",
    "us-east-2": "590474943231",
    "us-west-1": "997803712105",
    "us-west-2": "345057560386",
}
"""Who publishes the Parameters and Secrets extension in each region (Secrets Manager user guide, Lambda)."""


INSIGHTS_ACCOUNT: Final = "580247275435"
"""Lambda Insights publishes from one account in the regions of the table, with a version that differs."""
INSIGHTS_VERSIONS: Final[Mapping[str, int]] = {
    "ap-northeast-1": 11,
    "ap-south-1": 7,
    "ap-southeast-1": 5,
    "ap-southeast-2": 5,
    "ca-central-1": 3,
    "eu-central-1": 5,
    "eu-north-1": 3,
    "eu-west-1": 5,
    "eu-west-2": 5,
    "eu-west-3": 3,
    "sa-east-1": 3,
    "us-east-1": 5,
    "us-east-2": 7,
    "us-west-1": 3,
    "us-west-2": 5,
}
"""Of LambdaInsightsExtension-Arm64 (CloudWatch user guide, Lambda Insights, versions of the extension for ARM64)."""


def adot_layer(region: str, runtime: str) -> str:
    """The ADOT layer for a runtime such as `python3.13`."""
    return f"arn:aws:lambda:{region}:{ADOT_ACCOUNT}:layer:{ADOT_LAYERS[language(runtime)]}"


def secrets_layer(region: str) -> str:
    """The Parameters and Secrets extension in a region of the table."""
    return f"arn:aws:lambda:{region}:{SECRETS_EXTENSION_ACCOUNTS[region]}:layer:{SECRETS_EXTENSION}"


def insights_layer(region: str) -> str:
    """The Lambda Insights extension in a region of the table."""
    version = INSIGHTS_VERSIONS[region]
    return f"arn:aws:lambda:{region}:{INSIGHTS_ACCOUNT}:layer:LambdaInsightsExtension-Arm64:{version}"


def language(runtime: str) -> str:
    """`python` of `python3.13`."""
    return next(word for word in ADOT_LAYERS if runtime.startswith(word))
