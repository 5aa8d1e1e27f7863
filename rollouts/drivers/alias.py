"""A function behind an alias: the candidate is the alias's second version, with a weight.

`RevisionId` makes each write ours alone: whoever wrote in between makes AWS refuse it.
"""

from collections.abc import Callable
from typing import Final

from botocore.exceptions import ClientError

from rollouts.aws import Answer, Aws, code_of
from rollouts.driver import Ready, Source, Sources, Survey
from rollouts.drivers.counted import counted_by_version
from rollouts.drivers.shares import percent, share
from rollouts.errors import Drift
from rollouts.record import ALL, Rollout, said
from stacks.targets import AliasTarget

_CHANGED: Final = "PreconditionFailedException"
_SAME_FOR_BOTH: Final = ("Role", "DeadLetterConfig")
"""What both versions of an alias must have in common (Lambda developer guide, weighted aliases)."""


class AliasDriver:
    """Moves the weight of an alias."""

    def __init__(self, aws: Aws, target: AliasTarget, rollout: Rollout) -> None:
        self._aws, self._target, self._rollout = aws, target, rollout

    def survey(self) -> Survey:
        """The version that is live, and whether the alias is nobody's rollout."""
        found = self._alias()
        live, problems = str(found["FunctionVersion"]), list[str]()
        if _weights(found):
            name = f"{self._target.function}:{self._target.alias}"
            problems.append(
                f"the alias {name} has a second version ({', '.join(_weights(found))}): somebody is shifting it. "
                f"Finish that first, or: aws lambda update-alias --function-name {self._target.function} "
                f"--name {self._target.alias} --routing-config AdditionalVersionWeights={{}}"
            )
        if live == "$LATEST":
            problems.append("the alias points at $LATEST, which has no versions to shift between; publish one")
        return Survey(live=live, problems=tuple(problems))

    def prepare(self) -> Ready:
        """A version is up when AWS has made it; it must be able to share an alias with the live one."""
        old, new = (self._version(each) for each in (self._rollout.live, self._rollout.candidate))
        others = [key for key in _SAME_FOR_BOTH if old.get(key) != new.get(key)]
        if others:
            what = " and ".join(others)
            return Ready(
                done=False, failed=True, because=f"the versions differ in {what}, and an alias cannot have both"
            )
        state = str(new.get("State", "Active"))
        return Ready(done=state == "Active", failed=state == "Failed", because=f"the new version is {state}")

    def weight(self) -> float | None:
        """The candidate's share in percent."""
        return self._share_of(self._alias())

    def shift(self, expected: float, wanted: float, confirm: Callable[[], None]) -> None:
        """Move it, unless somebody else has: whoever writes after our look makes AWS refuse it."""
        found = self._alias()
        share_now = self._share_of(found)
        if share_now == wanted:
            return
        if share_now != expected:
            raise Drift("the alias's weight", said(expected), said(share_now))
        confirm()
        try:
            self._write(wanted, RevisionId=found["RevisionId"])
        except ClientError as error:
            # Our own write whose answer was lost, or somebody else's: reading back tells.
            if code_of(error) != _CHANGED:
                raise
            if (share_now := self.weight()) != wanted:
                raise Drift("the alias's weight", said(expected), said(share_now)) from error

    def zero(self) -> None:
        """All of it to the live version, whatever there is."""
        self._write(0)

    def settled(self) -> Ready:
        """A weight of an alias is true as soon as it is written."""
        return Ready(done=True)

    def restore(self) -> Ready:
        """There is nothing to remove; versions are kept."""
        if self.weight() != 0:
            self.zero()
            return Ready(done=False, because="the alias had a weight again")
        return Ready(done=True)

    def promote(self) -> Ready:
        """There is nothing to remove."""
        return Ready(done=True)

    def running(self) -> str:
        """The version that all invocations reach."""
        found = self._alias()
        return "" if _weights(found) else str(found["FunctionVersion"])

    def targets(self) -> None:
        """Functions have none."""

    def sources(self) -> Sources:
        """Lambda counts the invocations of an alias by the version that executed them."""
        return Sources(candidate=self._source(self._rollout.candidate), baseline=self._source(self._rollout.live))

    def _source(self, version: str) -> Source:
        return counted_by_version(self._target.function, self._target.alias, version)

    def _alias(self) -> Answer:
        return self._aws.ask("lambda", "get_alias", FunctionName=self._target.function, Name=self._target.alias)

    def _version(self, version: str) -> Answer:
        name = self._target.function
        return self._aws.ask("lambda", "get_function_configuration", FunctionName=name, Qualifier=version)

    def _share_of(self, alias: Answer) -> float | None:
        main, others = str(alias["FunctionVersion"]), _weights(alias)
        live, candidate = self._rollout.live, self._rollout.candidate
        if main == candidate and not others:
            return ALL
        if main != live or set(others) - {candidate}:
            return None
        return percent(others.get(candidate, 0.0))

    def _write(self, weight: float, **only_if: str) -> None:
        """All of it is the version itself, because a second one cannot have all."""
        is_all = weight == ALL
        weights = {self._rollout.candidate: share(weight)} if 0 < weight < ALL else {}
        self._aws.ask(
            "lambda",
            "update_alias",
            FunctionName=self._target.function,
            Name=self._target.alias,
            FunctionVersion=self._rollout.candidate if is_all else self._rollout.live,
            RoutingConfig={"AdditionalVersionWeights": weights},
            **only_if,
        )


def _weights(alias: Answer) -> dict[str, float]:
    return alias.get("RoutingConfig", {}).get("AdditionalVersionWeights", {})
