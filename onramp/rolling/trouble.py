"""What goes wrong with AWS or the ledger while a rollout command works, in words, with what to do."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError
from pydantic import ValidationError

from onramp.exits import EngineError
from rollouts.aws import code_of

_EXPIRED: Final = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_FORBIDDEN: Final = frozenset({"AccessDenied", "AccessDeniedException", "NotAuthorized", "UnauthorizedOperation"})
_LOG_IN: Final = "log in again (aws sso login, or a new run of the job for its role)"


@contextmanager
def readable_trouble(go_on: str) -> Generator[None]:
    """Turn what AWS or the ledger answers within into one EngineError.

    Args:
        go_on: the command that goes on afterwards; empty while nothing was begun.
    """
    try:
        yield
    except ClientError as error:
        raise EngineError(_text(str(error), _fix(error), go_on)) from error
    except NoCredentialsError as error:
        raise EngineError(_text("There are no credentials for AWS.", _LOG_IN, go_on)) from error
    except NoRegionError as error:
        raise EngineError(_text(str(error), "write aws:region in the stack file", go_on)) from error
    except BotoCoreError as error:
        raise EngineError(_text(f"AWS did not answer: {error}", "look at the network, and again", go_on)) from error
    except sqlite3.Error as error:
        fix = "make room on the disk, or let the other process finish"
        raise EngineError(_text(f"The ledger cannot be used now: {error}", fix, go_on)) from error
    except ValidationError as error:
        what = (
            f"The ledger has a record that another version of Onramp has written ({error.error_count()} differences)."
        )
        raise EngineError(_text(what, "use the version that wrote it", "")) from error


def _fix(error: ClientError) -> str:
    code = code_of(error)
    if code in _EXPIRED:
        return _LOG_IN
    if code in _FORBIDDEN:
        return "docs/rollouts.md lists what the role of a rollout has to be allowed"
    return "what AWS says above decides; when it was busy, the same again is enough"


def _text(what: str, fix: str, go_on: str) -> str:
    kept = f"; the ledger keeps the rollout, and {go_on} goes on" if go_on else ""
    return f"{what}\n    fix: {fix}{kept}"
