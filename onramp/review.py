"""A pull request: the stacks that it touches, previewed and held against how they were before it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Final

from onramp.before import baseline_before, changed_files, fork_point, worktree
from onramp.evaluate import Progress, evaluate
from onramp.exits import BadInputError, EngineError, Exit
from onramp.formats.comment import Part, comment_text
from onramp.formats.files import write_reports, write_whole
from onramp.ratchet import compare
from onramp.touched import STACK_FILE, touched
from stacks.problems import StackFileError

COMMENT: Final = "comment.md"
_REPORTS: Final[Mapping[str, str]] = {"junit": "junit.xml", "markdown": "md", "html": "html"}
"""By format, how the file of a stack's report ends."""


def review(project: Path, base: str, progress: Progress) -> tuple[Part, ...]:
    """Every stack that is touched since the branch left `base`, with what is new in it.

    Args:
        project: the folder of Pulumi.yaml, in a git repository.
        base: the branch or commit that the pull request goes to.
        progress: told what is being done.

    Raises:
        BadInputError: when git does not know `base`.
    """
    commit = fork_point(project, base)
    stacks = touched(changed_files(project, commit), _stacks(project))
    if not stacks:
        return ()
    with worktree(project, commit) as before:
        return tuple(_part(project, before, name, commit, progress) for name in stacks)


def code(parts: Iterable[Part], *, only_new: bool) -> Exit:
    """How the command ends: as the worst of its stacks; with `only_new`, what is known already does not count."""
    codes = [Exit.FINE]
    for part in parts:
        report = part.report
        if report is None:
            codes.append(part.exit)
        elif not (report.ratchet.ok if only_new and report.ratchet else report.ok):
            codes.append(Exit.RULES_SAY_NO)
    return max(codes)


def write_review(parts: Sequence[Part], folder: Path, link: str, when: datetime) -> None:
    """Write the comment, and all reports of each stack, into `folder`, which is made if it is not there.

    SARIF has nothing of what is waived: GitHub's code scanning does not know suppressions, and would raise an alert.

    Raises:
        BadInputError: for what cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInputError(f"{folder} cannot be made: {error.strerror}.\n    fix: name another folder") from None
    for part in parts:
        if part.report is not None:
            paths = {name: folder / f"{part.stack}.{ending}" for name, ending in _REPORTS.items()}
            write_reports(part.report, paths, when)
            active = replace(part.report.judgement, waived=())
            write_reports(replace(part.report, judgement=active), {"sarif": folder / f"{part.stack}.sarif"}, when)
    write_whole(folder / COMMENT, comment_text(parts, link))


def _stacks(project: Path) -> list[str]:
    start, _, end = STACK_FILE.partition("{}")
    return sorted(path.name.removeprefix(start).removesuffix(end) for path in project.glob(STACK_FILE.format("*")))


def _part(project: Path, before: Path, name: str, commit: str, progress: Progress) -> Part:
    try:
        report = evaluate(project, name, progress)
    except StackFileError as error:
        return Part(stack=name, report=None, exit=Exit.BAD_INPUT, said=error.render(), problems=error.problems)
    except BadInputError as error:
        return Part(stack=name, report=None, exit=Exit.BAD_INPUT, said=str(error))
    except EngineError as error:
        return Part(stack=name, report=None, exit=Exit.ENGINE_FAILED, said=str(error))
    progress(f"{name} as it was before")
    found = report.judgement
    ratchet = compare(found.violations, baseline_before(before, name, commit), found.waived)
    return Part(stack=name, report=replace(report, ratchet=ratchet))
