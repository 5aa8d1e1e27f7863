"""What the concern components have in common."""

from collections.abc import Mapping

import pulumi

from components.scope import ServiceScope
from stacks.source import Json


class Concern(pulumi.ComponentResource):
    """One concern of one service: its children carry its name, its tags, and nothing of the caller's options."""

    def __init__(
        self, kind: str, scope: ServiceScope, opts: pulumi.ResourceOptions, facts: Mapping[str, Json] | None = None
    ) -> None:
        """`facts` are what rules must know of it that no resource says."""
        self.name = f"{scope.service}-{kind.lower()}"
        super().__init__(f"onramp:concern:{kind}", self.name, {"service": scope.service, **(facts or {})}, opts)
        self.scope = scope
        self.tags = dict(scope.tags)
        self.child = pulumi.ResourceOptions(parent=self)

    def after(self, *resources: pulumi.Resource | None) -> pulumi.ResourceOptions:
        """Options of a child that AWS must see after `resources`, although no property says so."""
        return pulumi.ResourceOptions(parent=self, depends_on=[found for found in resources if found is not None])
