"""What every model of the stack file has in common: strict, closed, frozen, camelCase in the file."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, StringConstraints, model_validator
from pydantic.alias_generators import to_camel

from stacks import limits


class Model(BaseModel):
    """Base of all models: unknown keys are errors, nothing is coerced, nothing changes after loading."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        extra="forbid",
        frozen=True,
        strict=True,
        use_attribute_docstrings=True,
        validate_by_name=False,
    )


class Range(Model):
    """At least and at most; those who have it say of what."""

    min: int
    max: int

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min > self.max:
            raise ValueError(f"min ({self.min}) is greater than max ({self.max})")
        return self


ServiceName = Annotated[str, StringConstraints(pattern=limits.SERVICE_NAME_PATTERN, max_length=limits.SERVICE_NAME_MAX)]
"""A service: lower case, digits, single hyphens."""

TagValue = Annotated[str, StringConstraints(pattern=r"^[\w .:/=+@-]*$", min_length=1, max_length=256)]
"""A value that every AWS service takes as a tag (256 characters; letters, digits, spaces and _.:/=+-@)."""

UrlPath = Annotated[str, StringConstraints(pattern=r"^/[A-Za-z0-9/_.~-]*$", max_length=1024)]
"""A path without a query, as a health check asks for it."""

SecretReference = Annotated[
    str,
    StringConstraints(
        pattern=r"^(arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:)?[A-Za-z0-9/_+=.@-]+$", max_length=512
    ),
]
"""Name or ARN of a Secrets Manager secret; a URL is refused, because the stack file is no place for a secret."""
