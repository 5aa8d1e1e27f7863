"""What one AWS service of the world is: a name, and a function for each operation that it answers."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

Document: TypeAlias = dict[str, Any]
"""A request or an answer as boto3 has it, in the shape of botocore's model."""

Handler: TypeAlias = Callable[[Document], Document]
"""Answers one operation; what it is given and what it returns is never shared with the world's state."""

Operations: TypeAlias = Mapping[str, Handler]
"""Operation (`ModifyRule`) -> what answers it."""

REGION: Final = "eu-west-1"
ACCOUNT: Final = "123456789012"
BAD_REQUEST: Final = 400
NOT_FOUND: Final = 404


class AwsError(Exception):
    """An error that AWS answers with.

    Args:
        code: as in the service's model.
        message: for the person who reads it.
        status: of the HTTP answer.
    """

    def __init__(self, *, code: str, message: str, status: int = BAD_REQUEST) -> None:
        self.code, self.message, self.status = code, message, status
        super().__init__(f"{code}: {message}")


class WorldError(Exception):
    """The simulator itself was used wrongly, or answers in a way that AWS never would."""


def arn(service: str, resource: str) -> str:
    """The ARN of something in the world's account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"
