"""What `--policy-pack-config` may say: which level the policies have, which level a rule has, which remedies are on.

    {
      "onramp-advisory": "disabled",
      "onramp-rules": {"levels": {"log-retention": "advisory", "no-public-ip": "mandatory"}},
      "remedy-log-retention": "remediate"
    }

Pulumi reads the file itself and hands each policy its part. `parse_config` reads the whole of it for `onramp`, with the
meaning that Pulumi gives it, and is stricter: Pulumi overlooks a policy that does not exist.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias, cast, get_args

from policies.catalog import RULES
from policies.remedies import remediable
from policies.rule import Level, Levels, Rule
from policies.verdicts import Judgement
from stacks.problems import Problem, StackFileError, did_you_mean, show

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Enforcement = Literal["advisory", "mandatory", "remediate", "disabled"]
"""What Pulumi calls the levels of a policy."""

RULES_POLICY: Final = "onramp-rules"
MANDATORY_POLICY: Final = "onramp-mandatory"
ADVISORY_POLICY: Final = "onramp-advisory"
LEVELS_KEY: Final = "levels"
_ALL: Final = "all"
_FLAG: Final = "--policy-pack-config"
_ENFORCEMENT_KEY: Final = "enforcementLevel"
_LEVELS: Final = get_args(Level)
_ENFORCEMENTS: Final = get_args(Enforcement)
_REMEDY_ENFORCEMENTS: Final = ("remediate", "disabled")
_IDS: Final = tuple(rule.meta.id for rule in RULES)


def remedy_policy(rule_id: str) -> str:
    """The policy that remediates a rule."""
    return f"remedy-{rule_id}"


REMEDY_POLICIES: Final = tuple(remedy_policy(rule.meta.id) for rule in remediable(RULES))
POLICIES: Final = (RULES_POLICY, MANDATORY_POLICY, ADVISORY_POLICY, *REMEDY_POLICIES)

LEVELS_SCHEMA: Final[dict[str, Json]] = {
    "type": "object",
    "description": "The level of a rule in this stack, whatever its tier: mandatory, advisory or disabled, by rule id.",
    "properties": {each: {"type": "string", "enum": [*_LEVELS]} for each in _IDS},
    "additionalProperties": False,
}
"""JSON Schema of `levels`. Pulumi refuses what does not fit before anything is previewed."""


class PolicyConfigError(StackFileError):
    """The configuration asks for what there is not. Carries every problem found."""

    file = "the policy config"


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyConfig:
    """A configuration that was read: levels of rules, what becomes of both kinds of findings, remedies that are on."""

    levels: Mapping[str, Level]
    mandatory: Level = "mandatory"
    advisory: Level = "advisory"
    remedies: tuple[str, ...] = ()

    def applied(self, judgement: Judgement) -> Judgement:
        """A judgement as Pulumi reports it: findings at the level of their policy, without those of a disabled one."""
        becomes: Mapping[Level, Level] = {"mandatory": self.mandatory, "advisory": self.advisory}
        leveled = (replace(each, level=becomes.get(each.level, each.level)) for each in judgement.violations)
        return replace(judgement, violations=tuple(each for each in leveled if each.level != "disabled"))


def with_levels(rules: Iterable[Rule], levels: Mapping[str, Level]) -> tuple[Rule, ...]:
    """The rules, those in `levels` with that level in every tier."""

    def leveled(rule: Rule) -> Rule:
        level = levels.get(rule.meta.id)
        if level is None:
            return rule
        return replace(rule, meta=replace(rule.meta, levels=Levels(dev=level, staging=level, prod=level)))

    return tuple(leveled(rule) for rule in rules)


def levels_of(config: Mapping[str, object]) -> Mapping[str, Level]:
    """The levels in the part of the file that is the rules' own.

    Raises:
        PolicyConfigError: for a key that nothing reads, a rule that does not exist, or a level that is none.
    """
    problems = tuple(_problems_of_rules(RULES_POLICY, cast("Mapping[str, Json]", config)))
    if problems:
        raise PolicyConfigError(problems)
    return cast("Mapping[str, Level]", config.get(LEVELS_KEY, {}))


def refuse_config(policy: str, config: Mapping[str, object]) -> None:
    """For policies that take none.

    Raises:
        PolicyConfigError: when there is some.
    """
    if config:
        raise PolicyConfigError(_problem(f"{policy}.{key}", "nothing reads this key", _FIX) for key in config)


def parse_config(text: str, file: str) -> PolicyConfig:
    """The configuration in a file.

    Raises:
        PolicyConfigError: with everything that is wrong with it.
    """
    try:
        document: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise PolicyConfigError([_problem("", f"it is not JSON: {error}", _FIX, file)]) from None
    if not isinstance(document, dict):
        raise PolicyConfigError([_problem("", "it is not an object", _FIX, file)])
    given = cast("dict[str, Json]", document)
    problems = [replace(found, file=file) for key, value in given.items() for found in _problems_of(key, value)]
    mandatory, advisory = _level(given, MANDATORY_POLICY, "mandatory"), _level(given, ADVISORY_POLICY, "advisory")
    if _enforcement(given, RULES_POLICY) == "disabled" and (mandatory, advisory) != ("disabled", "disabled"):
        problems.append(replace(NO_INPUTS, file=file))
    if problems:
        raise PolicyConfigError(problems)
    return PolicyConfig(
        levels=levels_of(_properties(given.get(RULES_POLICY))),
        mandatory=mandatory,
        advisory=advisory,
        remedies=tuple(each for each in REMEDY_POLICIES if _enforcement(given, each) == "remediate"),
    )


_FIX: Final = 'write {"<policy>": "<level>"}; levels of rules are under {"onramp-rules": {"levels": {"<rule>": ...}}}'


NO_INPUTS: Final = Problem(
    file=_FLAG,
    path=RULES_POLICY,
    line=0,
    message="it is disabled, and it is what reads the resources for the rules",
    fix=f'add "{RULES_POLICY}": "advisory", or disable {MANDATORY_POLICY} and {ADVISORY_POLICY} as well',
)


def _problems_of(policy: str, value: Json) -> Iterator[Problem]:
    """What is wrong with one entry of the file."""
    if policy not in (_ALL, *POLICIES):
        yield _unknown(policy, policy, (_ALL, *POLICIES), "policy")
        return
    if not isinstance(value, str | dict):
        yield _problem(policy, f"{show(value)} is neither a level nor an object", _FIX)
        return
    level = value if isinstance(value, str) else value.get(_ENFORCEMENT_KEY)
    allowed = _REMEDY_ENFORCEMENTS if policy in REMEDY_POLICIES else _ENFORCEMENTS
    if level is not None and level not in allowed:
        yield _problem(policy, f"{show(level)} is no level of it", f"write one of {', '.join(allowed)}")
    if policy == RULES_POLICY:
        yield from _problems_of_rules(policy, _properties(value))
    else:
        yield from (_problem(f"{policy}.{key}", "nothing reads this key", _FIX) for key in _properties(value))


def _problems_of_rules(policy: str, given: Mapping[str, Json]) -> Iterator[Problem]:
    yield from (_unknown(f"{policy}.{key}", key, (LEVELS_KEY,), "key") for key in given if key != LEVELS_KEY)
    levels = given.get(LEVELS_KEY, {})
    if not isinstance(levels, dict):
        yield _problem(f"{policy}.{LEVELS_KEY}", f"{show(levels)} is no object of levels by rule", _FIX)
        return
    for rule, level in levels.items():
        path = f"{policy}.{LEVELS_KEY}.{rule}"
        if rule not in _IDS:
            yield _unknown(path, rule, _IDS, "rule")
        if level not in _LEVELS:
            yield _problem(path, f"{show(level)} is no level of a rule", f"write one of {', '.join(_LEVELS)}")


def _unknown(path: str, word: str, choices: tuple[str, ...], what: str) -> Problem:
    guess = did_you_mean(word, choices)
    known = "onramp rule lists them" if what == "rule" else f"there are {', '.join(choices)}"
    return _problem(path, f"there is no such {what}", f"did you mean {guess}?" if guess else known)


def _problem(path: str, message: str, fix: str, file: str = _FLAG) -> Problem:
    return Problem(file=file, path=path, line=0, message=message, fix=fix)


def _properties(value: Json) -> Mapping[str, Json]:
    return {key: each for key, each in value.items() if key != _ENFORCEMENT_KEY} if isinstance(value, dict) else {}


def _enforcement(given: Mapping[str, Json], policy: str) -> str | None:
    """The level of a policy: its own, else that of all."""
    for value in (given.get(policy), given.get(_ALL)):
        level = value.get(_ENFORCEMENT_KEY) if isinstance(value, dict) else value
        if isinstance(level, str):
            return level
    return None


def _level(given: Mapping[str, Json], policy: str, default: Level) -> Level:
    """What findings of a policy count; a stack policy cannot remediate, so the SDK reads that as mandatory."""
    level = _enforcement(given, policy) or default
    return "mandatory" if level == "remediate" else cast("Level", level)
