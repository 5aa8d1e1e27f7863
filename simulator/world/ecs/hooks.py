"""Lifecycle hooks: at a stage, a deployment asks functions and waits for people."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final

from simulator.world.api import Document, WorldError
from simulator.world.clock import Process
from simulator.world.ecs.state import Hook
from simulator.world.ecs.watch import RollBackError, Watch

PAUSE_MINUTES: Final = 1_440
"""How long a PAUSE hook waits when nobody says it (ECS API, DeploymentLifecycleHook)."""
CALLBACK_SECONDS: Final = 30.0
"""Until a function that answered IN_PROGRESS is asked again (ECS developer guide, Lifecycle hooks)."""

Answers = Mapping[str, Callable[[], str]]
"""ARN of a function -> its hookStatus when it is asked: SUCCEEDED, FAILED or IN_PROGRESS."""


class Hooks:
    """The hooks of one deployment.

    Args:
        watch: minds while it waits.
        answers: what the functions say.
    """

    def __init__(self, watch: Watch, answers: Answers) -> None:
        self._watch = watch
        self._answers = answers
        self._configured: list[Document] = watch.rollout.configuration.get("lifecycleHooks", [])

    def at(self, stage: str) -> Process:
        """Ask all hooks of a stage, one after the other.

        Raises:
            RollBackError: one says no, or nobody answers in time.
        """
        for config in self._configured:
            if stage in config.get("lifecycleStages", []):
                yield from self._ask(config) if config.get("targetType") != "PAUSE" else self._pause(config)

    def _ask(self, config: Document) -> Process:
        hook = self._reached(config, "AWS_LAMBDA")
        hook.status = "IN_PROGRESS"
        if hook.target_arn not in self._answers:
            raise WorldError(f"nobody said what {hook.target_arn} answers; set ecs.hook_answers")
        while True:
            answer = self._answers[hook.target_arn]()
            if answer == "SUCCEEDED":
                hook.status = "SUCCEEDED"
                return
            if answer != "IN_PROGRESS":
                hook.status = "FAILED"
                raise RollBackError(f"Service deployment rolled back because the hook {hook.target_arn} failed.")
            yield from self._watch.wait(CALLBACK_SECONDS)

    def _pause(self, config: Document) -> Process:
        hook = self._reached(config, "PAUSE")
        timeout: Document = config.get("timeoutConfiguration", {})
        minutes = timeout.get("timeoutInMinutes", PAUSE_MINUTES)
        hook.expires = self._watch.clock.now() + timedelta(minutes=minutes)
        hook.action = timeout.get("action", "ROLLBACK")
        expires = hook.expires
        yield from self._watch.wait_until(
            lambda: hook.status != "AWAITING_ACTION" or self._watch.clock.now() >= expires
        )
        if hook.status == "AWAITING_ACTION":
            hook.status = "TIMED_OUT"
            if hook.action == "ROLLBACK":
                raise RollBackError("Service deployment rolled back because a pause hook timed out.")
        elif hook.status == "FAILED":
            raise RollBackError("Service deployment rolled back because of the answer to a pause hook.")

    def _reached(self, config: Document, kind: str) -> Hook:
        hooks = self._watch.rollout.hooks
        hook = Hook(
            id=f"{self._watch.rollout.arn.rsplit('/', 1)[1]}-hook-{len(hooks) + 1}",
            kind=kind,
            target_arn=config.get("hookTargetArn", ""),
            status="AWAITING_ACTION",
            expires=None,
            action="",
        )
        hooks.append(hook)
        return hook
