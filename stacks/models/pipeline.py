"""The delivery pipelines of an environment: where the code comes from, and who may deploy it."""

from typing import Annotated, Self

from pydantic import Field, StringConstraints, model_validator

from stacks import limits
from stacks.models.base import Model, SecretReference

EnvironmentName = Annotated[str, StringConstraints(pattern=limits.SERVICE_NAME_PATTERN, max_length=16)]
Approver = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+\.[a-z]{2,63}$", max_length=254)]


class PipelinePlan(Model):
    """A CodePipeline for each service; without the key, something else delivers, and nothing here proves it.

    An execution costs 0.002 USD a minute of its actions, and its builds 0.0034 USD a minute.
    """

    connection: Annotated[
        str,
        StringConstraints(
            pattern=r"^arn:aws[a-z-]*:(codeconnections|codestar-connections):[a-z0-9-]+:[0-9]{12}:connection/[0-9a-f-]{36}$"
        ),
    ]
    """ARN of the CodeConnections connection to the Git provider; it must be able to push."""
    repository: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+(/[A-Za-z0-9_.-]+)+$", max_length=255)]
    """`org/repo`: holds this stack file, and each service's code in services/<service>."""
    branch: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_./-]*$", max_length=255)] = "main"
    """The branch that is delivered, and that the pipeline writes new images to."""
    deploy_role: Annotated[
        str, StringConstraints(pattern=r"^(arn:aws[a-z-]*:iam::[0-9]{12}:role/)?[\w+=,.@/-]+$", max_length=512)
    ]
    """Name or ARN of the platform team's role with which `onramp deploy` runs."""
    backend: Annotated[str, StringConstraints(pattern=r"^(https|s3)://\S+$", max_length=512)] = "https://api.pulumi.com"
    """Where Pulumi keeps the state."""
    token: SecretReference | None = None
    """Secret with the access token of a backend that is reached by https."""
    signing_profile: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]{2,64}$")] | None = None
    """A profile of AWS Signer (Notation-OCI-SHA384-ECDSA) that images are signed with; without it, none is."""
    promotes_from: EnvironmentName | None = None
    """The environment whose released images are promoted, in the same account; without it, this one builds."""
    approvers: Annotated[tuple[Approver, ...], Field(max_length=20)] = ()
    """Mail addresses that hear of a promotion to prod that waits for them; each confirms once."""

    @model_validator(mode="after")
    def _can_log_in(self) -> Self:
        by_token = self.backend.startswith("https://")
        if by_token and self.token is None:
            raise ValueError("token: the backend asks for an access token; name the secret that holds it")
        if not by_token and self.token is not None:
            raise ValueError("token: deployRole opens a backend in S3; remove the token")
        return self
