"""One SageMaker endpoint, as both of its drivers ask for it.

SageMaker changes an endpoint in one way at a time: while it does, it refuses every other change, and nothing stops it.
It names what it refuses in the text of a ValidationException only (as terraform-provider-aws reads it, too).
"""

from collections.abc import Mapping
from typing import Final

from botocore.exceptions import ClientError

from rollouts.aws import Answer, Aws, code_of
from rollouts.driver import Source

IN_SERVICE: Final = "InService"
BUSY: Final = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack"})
"""States that end by themselves (SageMaker API, DescribeEndpoint)."""
_INVALID: Final = "ValidationException"
_IN_PROGRESS: Final = "Cannot update in-progress endpoint"
_EXISTS: Final = "already existing"
_NOT_FOUND: Final = "Could not find"
_MICROSECOND: Final = 0.000_001


class Endpoint:
    """Reads and changes one endpoint."""

    def __init__(self, aws: Aws, name: str) -> None:
        self._aws, self.name = aws, name

    def describe(self) -> Answer:
        """As SageMaker has it."""
        return self._aws.ask("sagemaker", "describe_endpoint", EndpointName=self.name)

    def find(self) -> Answer | None:
        """The same; None when there is none."""
        try:
            return self.describe()
        except ClientError as error:
            if not _says(error, _NOT_FOUND):
                raise
            return None

    def config(self, name: str) -> Answer | None:
        """An endpoint configuration; None when there is none."""
        try:
            return self._aws.ask("sagemaker", "describe_endpoint_config", EndpointConfigName=name)
        except ClientError as error:
            if not _says(error, _NOT_FOUND):
                raise
            return None

    def add_config(self, name: str, settings: Mapping[str, object]) -> None:
        """Make a configuration, unless there is one of this name."""
        try:
            self._aws.ask("sagemaker", "create_endpoint_config", EndpointConfigName=name, **settings)
        except ClientError as error:
            if not _says(error, _EXISTS):
                raise

    def remove_config(self, name: str) -> None:
        """Delete a configuration, if there is one."""
        try:
            self._aws.ask("sagemaker", "delete_endpoint_config", EndpointConfigName=name)
        except ClientError as error:
            if not _says(error, _NOT_FOUND):
                raise

    def update(self, config: str, settings: Mapping[str, object]) -> None:
        """Ask for another configuration; without effect while something else is changed: it is to be asked again."""
        try:
            self._aws.ask("sagemaker", "update_endpoint", EndpointName=self.name, EndpointConfigName=config, **settings)
        except ClientError as error:
            if not _says(error, _IN_PROGRESS):
                raise

    def weigh(self, weights: Mapping[str, float]) -> None:
        """Ask for weights; without effect while something else is changed: they are to be asked for again."""
        wanted = [{"VariantName": variant, "DesiredWeight": weight} for variant, weight in weights.items()]
        try:
            self._aws.ask(
                "sagemaker",
                "update_endpoint_weights_and_capacities",
                EndpointName=self.name,
                DesiredWeightsAndCapacities=wanted,
            )
        except ClientError as error:
            if not _says(error, _IN_PROGRESS):
                raise

    def unfit(self, found: Answer) -> list[str]:
        """Why no rollout of it may begin."""
        status, live = str(found["EndpointStatus"]), str(found["EndpointConfigName"])
        if status in BUSY:
            return [f"SageMaker is changing the endpoint {self.name} ({status}); wait until it is InService"]
        if status != IN_SERVICE:
            reason = found.get("FailureReason", "SageMaker does not say why")
            return [f"the endpoint {self.name} is {status} ({reason}); mend it first, or let pulumi up do so"]
        if self.config(live) is None:
            deleted = f"somebody has deleted the endpoint configuration {live}, with which {self.name} serves"
            return [f"{deleted}, so there would be no way back; let pulumi up make it again"]
        return []

    def missing(self) -> str:
        """What to say when there is none."""
        return f"SageMaker has no endpoint {self.name}; run pulumi up, which makes it"

    def source(self, variant: str, **dimensions: str) -> Source:
        """Where the invocations of one variant are counted; by `EndpointConfigName`, those of one fleet."""
        return Source(
            namespace="AWS/SageMaker",
            dimensions={"EndpointName": self.name, "VariantName": variant, **dimensions},
            requests="Invocations",
            errors="Invocation5XXErrors",
            latency="ModelLatency",
            seconds=_MICROSECOND,
        )


def is_invalid(error: ClientError) -> bool:
    """Whether SageMaker refused what was asked, for good or for now."""
    return code_of(error) == _INVALID


def _says(error: ClientError, text: str) -> bool:
    return is_invalid(error) and text in str(error)
