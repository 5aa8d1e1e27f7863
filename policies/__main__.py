"""The policy pack, as `pulumi preview --policy-pack policies` starts it."""

from pulumi_policy import PolicyPack

from policies.export import export
from policies.pack import build_policies

PolicyPack(
    name="onramp",
    policies=build_policies(export),
    display_name="Onramp",
    description="The onboarding checklist of services, judged on the previewed graph.",
    provider="aws",
)
