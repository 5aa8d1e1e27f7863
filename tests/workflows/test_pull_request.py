"""The workflow of a pull request, in a repository of its own: what it previews, and the one comment that it keeps."""

import shutil
import subprocess
import sys
from typing import Final

import pytest

from onramp.formats.comment import MARK
from tests.onramp.conftest import FUNCTION, ROOT, services
from tests.workflows.conftest import Runner, step, workflow

GOOD: Final = services(f"thumbs: {{{FUNCTION}}}", tier="prod")
WORSE: Final = services(f"thumbs: {{{FUNCTION}, alarms: {{errorPercent: 50}}}}", tier="prod")
LINK: Final = "https://github.com/example/platform/actions/runs/7"
MARKED: Final = "1111111\n2222222\n"
"""What gh prints of the comments there are: their ids, one a line."""


@pytest.fixture
def repository(runner: Runner) -> Runner:
    """The project with a branch `main`, where one stack holds and one does not, and a branch that leaves it."""
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(ROOT / name, runner.folder)
    shutil.copytree(ROOT / "services", runner.folder / "services")
    (runner.folder / ".gitignore").write_text(".venv\n", encoding="utf-8")
    (runner.folder / ".venv").symlink_to(sys.prefix, target_is_directory=True)
    runner.commit(prod=GOOD, old=WORSE)
    runner.git("switch", "--quiet", "--create", "change")
    return runner


def merged(runner: Runner) -> None:
    """Check out what GitHub makes of a pull request: a merge of its base and its head."""
    runner.git("switch", "--quiet", "--detach", "main")
    runner.git("merge", "--quiet", "--no-ff", "--message", "a merge", "change")


def preview(runner: Runner) -> subprocess.CompletedProcess[str]:
    merged(runner)
    return runner.run(step("preview", "Preview")["run"], LINK=LINK)


def comment(runner: Runner, *, comments: str = "", may_write: bool = True) -> subprocess.CompletedProcess[str]:
    """The step that writes to the pull request, in a folder with nothing but the reports."""
    there = Runner(folder=runner.temporary, temporary=runner.temporary)
    found = step("publish", "Comment")
    assert set(found["env"]) == {"GH_TOKEN", "NUMBER", "OURS"}
    return there.run(
        found["run"], NUMBER="12", OURS=found["env"]["OURS"], MAY_WRITE=str(may_write).lower(), COMMENTS=comments
    )


def test_the_stack_whose_file_is_changed_is_previewed_and_what_is_new_says_no(repository: Runner) -> None:
    repository.commit(prod=WORSE)
    done = preview(repository)
    assert done.returncode == 1, done.stderr
    assert {path.name for path in (repository.temporary / "reports").iterdir()} == {
        "comment.md",
        "prod.sarif",
        "prod.junit.xml",
        "prod.html",
        "prod.md",
    }
    text = (repository.temporary / "reports" / "comment.md").read_text(encoding="utf-8")
    assert text.startswith(MARK)
    assert "1 new, 0 known, 0 gone" in text
    assert LINK in text
    assert "\n::error file=Pulumi.prod.yaml,line=10,title=new alarm-looser" in done.stdout


def test_what_was_wrong_before_is_shown_and_does_not_say_no(repository: Runner) -> None:
    repository.commit(old=f"# a word\n{WORSE}")
    done = preview(repository)
    assert done.returncode == 0, done.stderr
    text = (repository.temporary / "reports" / "comment.md").read_text(encoding="utf-8")
    assert "0 new, 1 known, 0 gone" in text


def written(runner: Runner) -> Runner:
    """A runner that has the comment of a preview."""
    reports = runner.temporary / "reports"
    reports.mkdir()
    (reports / "comment.md").write_text(f"{MARK}## Onramp: prod\n", encoding="utf-8")
    return runner


def test_the_first_run_makes_a_comment(runner: Runner) -> None:
    assert comment(written(runner)).returncode == 0
    looked, made = runner.calls()
    assert looked[:3] == ["api", "--paginate", "repos/example/platform/issues/12/comments"]
    assert made[:5] == ["api", "--silent", "--method", "POST", "repos/example/platform/issues/12/comments"]
    assert made[-1] == runner.summary() == f"{MARK}## Onramp: prod\n"


def test_the_next_run_writes_into_the_same_comment(runner: Runner) -> None:
    assert comment(written(runner), comments=MARKED).returncode == 0
    _, updated = runner.calls()
    assert updated[:5] == ["api", "--silent", "--method", "PATCH", "repos/example/platform/issues/comments/1111111"]
    assert updated[-1].startswith(MARK)


def test_for_a_fork_the_summary_has_it_and_nothing_is_written_to_the_pull_request(runner: Runner) -> None:
    assert comment(written(runner), may_write=False).returncode == 0
    assert runner.calls() == []
    assert runner.summary().startswith(MARK)


def test_where_no_stack_is_touched_no_comment_is_made_but_one_that_is_there_is_corrected(repository: Runner) -> None:
    (repository.folder / "docs").mkdir()
    (repository.folder / "docs" / "page.md").touch()
    repository.commit()
    assert preview(repository).returncode == 0
    comment(repository)
    assert [call[:2] for call in repository.calls()] == [["api", "--paginate"]]
    comment(repository, comments=MARKED)
    assert "PATCH" in repository.calls()[-1]
    assert "touches no stack" in repository.calls()[-1][-1]


def test_a_comment_that_cannot_be_looked_up_is_not_written_twice(runner: Runner) -> None:
    gh = runner.temporary / "gh"
    gh.write_text(gh.read_text(encoding="utf-8") + "sys.exit(1)\n", encoding="utf-8")
    assert comment(written(runner)).returncode == 1
    assert len(runner.calls()) == 1


def test_the_comment_is_looked_for_by_the_mark_that_it_begins_with() -> None:
    assert f'startswith("{MARK.strip()}")' in step("publish", "Comment")["env"]["OURS"]


def test_reports_are_kept_when_the_rules_say_no_and_published_then() -> None:
    jobs = workflow("pull-request")["jobs"]
    assert step("preview", "Keep the reports")["if"] == "${{ !cancelled() }}"
    assert jobs["publish"]["if"] == "${{ !cancelled() && needs.preview.outputs.reports }}"
