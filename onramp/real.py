"""Previewing and updating with the real engine, through the Automation API, with the pack on."""

import re
import tempfile
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from pulumi import automation as auto

from components.foundation.interface import OUTPUT_NAME
from onramp.adopt import Takeover, ids_of, take_over
from onramp.evaluate import Progress, load
from onramp.events import Listener
from onramp.exits import BadInputError, EngineError, LockedError
from onramp.policy_config import read_policy_config
from onramp.report import Report
from onramp.workspace import TRIAL, Provider, Workspace, open_workspace, restore_checkpoint, trial_holders
from policies.config import PolicyConfig
from policies.export import PATH_VARIABLE, imported
from policies.verdicts import Judgement
from simulator.graph import Graph
from stacks.load import Stack

PACK: Final = "policies"
_LOCKED_BY: Final = re.compile(r"created by (.+)")
_OFF_PLAN: Final = (" violates plan: ", "expected resource operations for ")
"""What the engine says of a resource that is not as in the plan, and of one that was in the plan alone."""
_NONE: Final[Mapping[str, str]] = MappingProxyType({})
_UNPUBLISHED: Final = f" publishes no `{OUTPUT_NAME}."


@dataclass(frozen=True, kw_only=True, slots=True)
class Deployment:
    """What an update did: its report, how many resources it changed in which way, and the stack's outputs."""

    report: Report
    title: str
    succeeded: bool
    changes: Mapping[str, int]
    outputs: Mapping[str, object]
    errors: tuple[str, ...]


def preview_real(
    project: Path,
    name: str,
    provider: Provider | None,
    plan: Path | None,
    progress: Progress,
    policy_config: Path | None = None,
) -> tuple[Report, str]:
    """Preview with the real engine; also what it ran with, in words.

    Args:
        project: the folder of Pulumi.yaml.
        name: the stack.
        provider: who answers for AWS; None for the engine's own.
        plan: where to save what an update would do, so that exactly that can be applied; None saves nothing.
        progress: told what is being done.
        policy_config: the file with the levels of policies and rules, and the remedies that are on; None for none.

    Raises:
        StackFileError: when the stack file is wrong, or the one with the levels.
        EngineError: when the engine failed before the pack could judge.
        LockedError: when somebody else is at work on the stack.
    """
    with _session(project, name, provider, progress, policy_config) as session:
        with session.running("preview"):
            session.workspace.stack.preview(
                on_event=session.listener.hear,
                policy_packs=[str(project / PACK)],
                policy_pack_configs=session.policy_configs,
                plan=str(plan.resolve()) if plan else None,
                color="never",
            )
        return session.report(), session.workspace.title


def deploy(  # noqa: PLR0913 - as preview_real, and what the program is told
    project: Path,
    name: str,
    provider: Provider | None,
    plan: Path | None,
    progress: Progress,
    policy_config: Path | None = None,
    *,
    variables: Mapping[str, str] = _NONE,
) -> Deployment:
    """Update the stack with the real engine; with `plan`, only what was previewed there.

    A preview is judged first, as `pulumi up` does by itself and the Automation API does not: during an update the pack
    is asked about the stack when all of it is built, which is too late to refuse. The environment of the program has
    `variables` besides the caller's.

    Raises:
        BadInputError: when there is no `plan`, or the stack is no longer what was previewed into it.
        StackFileError, EngineError, LockedError: as `preview_real`.
    """
    if plan is not None and not plan.is_file():
        fix = f"onramp preview {name} --engine pulumi --plan {plan}"
        raise BadInputError(f"There is no plan {plan}.\n    fix: {fix}")
    holders = trial_holders(project, name) if provider != "aws" else []
    if holders:
        raise LockedError(_locked(name, holders))
    with _session(project, name, provider, progress, policy_config, variables) as session:
        stack, packs, configs = session.workspace.stack, [str(project / PACK)], session.policy_configs
        with session.running("preview") as judging:
            stack.preview(
                on_event=session.listener.hear, policy_packs=packs, policy_pack_configs=configs, color="never"
            )
        run = judging
        if judging.succeeded:
            session.listener = Listener(progress=progress)
            with session.running("update") as run:
                stack.up(
                    on_event=session.listener.hear,
                    policy_packs=packs,
                    policy_pack_configs=configs,
                    plan=str(plan.resolve()) if plan else None,
                    color="never",
                    show_secrets=False,
                )
        outputs = dict(stack.outputs()) if run.succeeded else dict[str, auto.OutputValue]()
        return Deployment(
            report=session.report(),
            title=session.workspace.title,
            succeeded=run.succeeded,
            changes=session.listener.changes if judging.succeeded else {},
            outputs={key: "[secret]" if found.secret else found.value for key, found in sorted(outputs.items())},
            errors=tuple(session.listener.errors),
        )


def unlock(project: Path, name: str, provider: Provider | None, progress: Progress) -> Takeover:
    """Remove the lock of an update that was killed, and take over what it was making, so that the next one goes on.

    Returns:
        What was being made at that moment and is the stack's now, if it exists; and of what else it is not known.
    """
    loaded = load(project, name)
    if provider != "aws":
        restore_checkpoint(project / TRIAL / "state", name)
    workspace = open_workspace(project, name, provider, {}, progress)
    stack = workspace.stack
    stack.cancel()
    exported = stack.export_stack()
    found = take_over(exported.deployment or {}, ids_of(loaded, workspace))
    if found.adopted:
        progress("looking at what the killed update was making")
        stack.import_stack(auto.Deployment(version=exported.version, deployment=found.deployment))
        stack.refresh(color="never", show_secrets=False)
    return found


@dataclass(kw_only=True, slots=True)
class _Run:
    succeeded: bool = True


@dataclass(kw_only=True, slots=True)
class _Session:
    """One run of the engine on one stack."""

    loaded: Stack
    workspace: Workspace
    listener: Listener
    judgement_file: Path
    timings: dict[str, float]
    policy_config: PolicyConfig
    policy_configs: list[str] | None
    """The file of the former, for the engine."""

    @contextmanager
    def running(self, phase: str) -> Generator[_Run]:
        """Run the engine within, timed as `phase`; violations are its answer, not a failure."""
        run = _Run()
        started = time.perf_counter()
        try:
            yield run
        except auto.ConcurrentUpdateError as error:
            raise LockedError(_locked(self.loaded.name, _LOCKED_BY.findall(str(error)))) from None
        except auto.CommandError as error:
            run.succeeded = False
            if callers := _callers_to_mend(self.listener.errors, self.loaded):
                raise BadInputError(callers) from None
            if self._judgement() is None or not self.listener.policies:
                raise EngineError("\n".join(self.listener.errors) or str(error)) from None
        self.timings[phase] = time.perf_counter() - started

    def report(self) -> Report:
        """What was found, in the same form as an embedded preview's."""
        judgement = self._judgement()
        if judgement is None:
            raise EngineError("The policy pack did not judge.\n" + "\n".join(self.listener.errors))
        graph = Graph(
            project="onramp",
            stack=self.loaded.name,
            resources=self.listener.graph(),
            outputs={},
            warnings=tuple(sorted(self.listener.warnings)),
            wire={},
            registered={},
        )
        return Report(stack=self.loaded, graph=graph, judgement=judgement, engine="pulumi", timings=self.timings)

    def _judgement(self) -> Judgement | None:
        found = imported(self.judgement_file)
        return None if found is None else self.policy_config.applied(found)


@contextmanager
def _session(
    project: Path,
    name: str,
    provider: Provider | None,
    progress: Progress,
    policy_config: Path | None,
    variables: Mapping[str, str] = _NONE,
) -> Generator[_Session]:
    config = read_policy_config(policy_config)
    loaded = load(project, name)
    with tempfile.TemporaryDirectory(prefix="onramp-") as folder:
        judgement_file = Path(folder, "judgement.json")
        timings: dict[str, float] = {}
        started = time.perf_counter()
        extra = {**variables, PATH_VARIABLE: str(judgement_file)}
        workspace = open_workspace(project, name, provider, extra, progress)
        timings["open"] = time.perf_counter() - started
        yield _Session(
            loaded=loaded,
            workspace=workspace,
            listener=Listener(progress=progress),
            judgement_file=judgement_file,
            timings=timings,
            policy_config=config,
            policy_configs=None if policy_config is None else [str(policy_config.resolve())],
        )


def _locked(name: str, holders: Sequence[str]) -> str:
    who = f" by {', '.join(holders)}" if holders else ""
    return (
        f"The stack {name} is locked{who}: an update is running, or one was killed.\n"
        f"    fix: wait for it; if that process is gone, onramp deploy {name} --unlock, and then again"
    )


def _callers_to_mend(errors: list[str], loaded: Stack) -> str:
    """What is wrong with what the engine was given, in words; empty when it was the engine, or AWS, that failed."""
    name, reference = loaded.name, loaded.environment.foundation
    if reference is not None and any(f'unknown stack "{reference.stack}"' in text for text in errors):
        fix = f"onramp deploy {reference.stack} first, or correct environment.foundation"
        return f"There is no stack {reference.stack}, on whose foundation {name} stands.\n    fix: {fix}"
    too_old = [text for text in errors if _UNPUBLISHED in text]
    if too_old:
        return f"The program refused the stack.\n{too_old[0]}"
    off_plan = [text for text in errors if any(words in text for words in _OFF_PLAN)]
    if off_plan:
        fix = f"onramp preview {name} --engine pulumi --plan FILE, look at it, and then deploy that"
        return "\n".join([f"The stack {name} is not what was previewed into the plan.", *off_plan, f"    fix: {fix}"])
    return ""
