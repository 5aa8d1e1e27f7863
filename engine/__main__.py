"""`python -m engine`: get an engine if there is none yet, and say in one line which and why."""

# ruff: noqa: T201 - a command line prints its answer

import sys

from engine.locate import EngineMissing, find

_ENGINE_FAILED = 3  # the project's exit code for an engine that is not there or does not work


def main() -> int:
    """Print the engine to stdout, what takes time to stderr."""
    try:
        engine = find(lambda line: print(f"engine: {line}", file=sys.stderr, flush=True))
    except EngineMissing as error:
        print(f"error: {error}", file=sys.stderr)
        return _ENGINE_FAILED
    print(f"pulumi {engine.version} at {engine.command} ({engine.why})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
