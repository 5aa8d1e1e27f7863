"""Which credentials a service names, and what they open."""

import re
from typing import Annotated, Final, Literal

from pydantic import StringConstraints

from stacks.models.base import Model

SecretKind = Literal["postgres", "redis"]
_ENTRY_PATTERN: Final = r"^(?:[a-z][a-z0-9-]*/)?[A-Z][A-Z0-9_]{0,63}$"
_KIND_BY_WORD: Final[tuple[tuple[str, SecretKind | None], ...]] = (
    ("REDIS", "redis"),
    ("CACHE", "redis"),
    ("DATABASE", "postgres"),
    ("DB", "postgres"),
    ("POSTGRES", "postgres"),
)

SecretEntry = Annotated[str, StringConstraints(pattern=_ENTRY_PATTERN)]
"""`DATABASE_URL` is the service's own; `orders/DATABASE_URL` is the one that the service `orders` owns."""


class SecretRef(Model):
    """One credential a service reads: whose it is and what it is called in the process environment."""

    owner: str
    name: str

    @property
    def kind(self) -> SecretKind | None:
        """What the credential opens, by the words of its name; None when nothing can rotate it for us."""
        words = re.split(r"_", self.name)
        return next((kind for word, kind in _KIND_BY_WORD if word in words), None)
