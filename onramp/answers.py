"""What all commands answer in the same way: one JSON document, and a name that does not exist."""

import json
import sys
from collections.abc import Mapping

from onramp.exits import BadInputError
from stacks.problems import did_you_mean


def print_json(document: object) -> None:
    """The one document on stdout."""
    sys.stdout.write(json.dumps(document, indent=2, sort_keys=False, ensure_ascii=False) + "\n")


def check_service(service: str, services: Mapping[str, object]) -> None:
    """See that there is such a service.

    Raises:
        BadInputError: when there is not.
    """
    if service not in services:
        guess = did_you_mean(service, list(services))
        fix = f"did you mean `{guess}`?" if guess else f"services here: {', '.join(services) or 'none'}"
        raise BadInputError(f"There is no service {service!r} in this stack.\n    fix: {fix}")
