"""Physical names: deterministic, within the limit of the thing they name, and different when their parts differ."""

import hashlib
from typing import Final

_HASH_CHARS: Final = 8


def physical_name(limit: int, *parts: str) -> str:
    """Join `parts` with hyphens; when that is longer than `limit` characters, shorten it and end it with a hash.

    The name must be known at preview, so that a role can name a queue before either exists and rules can read it.
    """
    full = "-".join(parts)
    if len(full) <= limit:
        return full
    return f"{full[: kept_chars(limit)].rstrip('-')}-{fingerprint(full)}"


def kept_chars(limit: int) -> int:
    """How many characters of a name stay when it is shortened to `limit`."""
    return limit - _HASH_CHARS - 1


def fingerprint(text: str) -> str:
    """Eight hexadecimal characters that change with `text`."""
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH_CHARS]
