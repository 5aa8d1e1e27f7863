"""What the model of one waiver cannot see: whether its rule exists, and whether it is written twice."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from stacks.problems import Problem, did_you_mean, show
from stacks.source import Json, Source

Rules: TypeAlias = Callable[[], Mapping[str, bool]]
"""Every rule by its id, and whether it can be waived; told by whoever loads a stack, for rules are not known here."""

_CONFIG: Final = "config"
_ENVIRONMENT: Final = "onramp:environment"
_SERVICES: Final = "onramp:services"
_KEY: Final = "waive"


def waivers(source: Source, rules: Rules | None) -> Iterator[Problem]:
    """Every problem of the waivers that the file writes, right in themselves or not.

    Args:
        source: the file.
        rules: asked only when something is waived; None where the pack will tell instead.
    """
    written = [(path, waiver) for path, waiver in _written(source) if isinstance(waiver.get("rule"), str)]
    known = rules() if rules is not None and written else None
    seen: dict[tuple[str, object, object], str] = {}
    for path, waiver in written:
        rule = str(waiver["rule"])
        if known is not None:
            yield from _unknown(source, f"{path}.rule", rule, known)
        first = seen.setdefault((path.rpartition(".")[0], rule, waiver.get("component")), path)
        if first != path:
            yield source.problem(path, "waives the same as another one", got=show(rule), fix=f"remove it, or {first}")


def _unknown(source: Source, path: str, rule: str, known: Mapping[str, bool]) -> Iterator[Problem]:
    if rule not in known:
        guess = did_you_mean(rule, [each for each, can_be_waived in known.items() if can_be_waived])
        fix = f"did you mean `{guess}`?" if guess else "`onramp rule` lists them all"
        yield source.problem(path, "is not a rule", got=show(rule), fix=fix)
    elif not known[rule]:
        yield source.problem(
            path, "is a rule about waivers, which cannot be waived", got=show(rule), fix="mend that waiver"
        )


def _written(source: Source) -> Iterator[tuple[str, dict[str, Json]]]:
    """Each waiver of the environment and of the services, with its path."""
    config = _mapping(source.values.get(_CONFIG))
    services = _mapping(config.get(_SERVICES))
    places = {
        f"{_CONFIG}.{_ENVIRONMENT}": config.get(_ENVIRONMENT),
        **{f"{_CONFIG}.{_SERVICES}.{name}": values for name, values in services.items()},
    }
    for place, values in places.items():
        listed = _mapping(values).get(_KEY)
        for index, waiver in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(waiver, dict):
                yield f"{place}.{_KEY}.{index}", waiver


def _mapping(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
