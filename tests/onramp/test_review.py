"""`onramp review`: what a branch does to the stacks that it touches, in repositories made for the test."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Final

import pytest

from onramp.before import changed_files, fork_point, worktree
from tests.onramp.conftest import FUNCTION, ROOT, document, onramp, services

GOOD: Final = services(f"thumbs: {{{FUNCTION}}}", tier="prod")
WORSE: Final = services(f"thumbs: {{{FUNCTION}, alarms: {{errorPercent: 50}}}}", tier="prod")
FORMER_ONRAMP: Final = """\
import json, pathlib, sys
assert sys.argv[1:3] == ["preview", "prod"], sys.argv
pathlib.Path(sys.argv[-1]).write_text(json.dumps({"baseline": 1, "stack": "prod", "violations": %s}))
"""


def git(folder: Path, *arguments: str) -> str:
    author = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    done = subprocess.run(["git", *author, *arguments], cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603, S607 - whichever git is there
    return done.stdout.strip()


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "a change")


def write(folder: Path, **stacks: str) -> None:
    for name, text in stacks.items():
        (folder / f"Pulumi.{name}.yaml").write_text(text, encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The program in a folder of a repository, on a branch that has left `main`, with a stack that holds."""
    folder = tmp_path / "repository" / "infra"
    folder.mkdir(parents=True)
    git(folder.parent, "init", "--quiet", "--initial-branch", "main")
    for name in ("Pulumi.yaml", "__main__.py"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "services", folder / "services")
    write(folder, prod=GOOD)
    commit(folder)
    git(folder, "switch", "--quiet", "--create", "change")
    return folder


def test_what_the_branch_makes_worse_is_new(project: Path) -> None:
    write(project, prod=WORSE)
    result = onramp("review", "main", "--project", project, "--json")
    assert result.exit_code == 1
    found = document(result)["stacks"]["prod"]
    assert (found["ok"], found["against"]["new"], found["against"]["gone"]) == (False, 1, 0)
    assert [each["rule"] for each in found["violations"] if each["new"]] == ["alarm-looser"]
    assert found["against"]["file"] == git(project, "rev-parse", "main")[:10]


def test_a_stack_that_was_not_there_is_new_as_a_whole(project: Path) -> None:
    write(project, other=WORSE)
    found = document(onramp("review", "main", "--project", project, "--json", "--only-new"))["stacks"]
    assert list(found) == ["other"]
    assert "has no such stack" in found["other"]["against"]["file"]
    assert all(each["new"] for each in found["other"]["violations"])


def test_a_stack_file_that_is_wrong_is_told_and_the_others_are_previewed(project: Path, tmp_path: Path) -> None:
    write(project, prod=WORSE, bad="config: {}\n")
    result = onramp("review", "main", "--project", project, "--reports", tmp_path / "out" / "in", "--annotations")
    assert result.exit_code == 2
    assert "::error file=Pulumi.bad.yaml,line=1," in result.stdout
    assert "::error file=Pulumi.prod.yaml,line=10,title=new alarm-looser" in result.stdout
    assert "bad  cannot be previewed" in result.stdout
    text = (tmp_path / "out" / "in" / "comment.md").read_text(encoding="utf-8")
    assert text.index("## Onramp: bad") < text.index("## Onramp: prod")
    assert {path.name for path in (tmp_path / "out" / "in").iterdir()} == {
        "comment.md",
        *(f"prod.{ending}" for ending in ("sarif", "junit.xml", "md", "html")),
    }


def test_the_program_and_the_rules_of_before_say_what_was_wrong_before(project: Path) -> None:
    git(project, "switch", "--quiet", "main")
    module = project / "onramp" / "__main__.py"
    module.parent.mkdir()
    (module.parent / "__init__.py").touch()
    urn = "urn:pulumi:prod::onramp::aws:s3/bucket:Bucket::b"
    known = [{"rule": "a-rule-of-before", "service": None, "urn": urn, "path": ""}]
    module.write_text(FORMER_ONRAMP % repr(known), encoding="utf-8")
    commit(project)
    git(project, "switch", "--quiet", "--create", "another")
    shutil.rmtree(module.parent)
    against = document(onramp("review", "main", "--project", project, "--json"))["stacks"]["prod"]["against"]
    assert against["gone"] == 1


def test_where_the_former_stack_cannot_be_previewed_everything_is_new(project: Path) -> None:
    git(project, "switch", "--quiet", "main")
    write(project, prod="config: {}\n")
    commit(project)
    git(project, "switch", "--quiet", "--create", "another")
    write(project, prod=WORSE)
    found = document(onramp("review", "main", "--project", project, "--json"))["stacks"]["prod"]
    assert "cannot be previewed" in found["against"]["file"]
    assert all(each["new"] for each in found["violations"])


def test_code_scanning_gets_nothing_of_what_is_waived(project: Path, tmp_path: Path) -> None:
    waiver = (
        "{rule: alarm-looser, reason: their release is late, owner: a, approver: b, ticket: T-1, expires: '2026-12-20'}"
    )
    write(project, prod=WORSE.replace("alarms:", f"waive: [{waiver}], alarms:"))
    result = onramp("review", "main", "--project", project, "--reports", tmp_path / "out")
    assert result.exit_code == 0
    run = json.loads((tmp_path / "out" / "prod.sarif").read_text(encoding="utf-8"))["runs"][0]
    assert [each["ruleId"] for each in run["results"] if each["suppressions"]] == []
    assert "their release is late" in (tmp_path / "out" / "prod.html").read_text(encoding="utf-8")
    assert "1 waived (1 new)" in (tmp_path / "out" / "comment.md").read_text(encoding="utf-8")


def test_a_branch_that_touches_no_stack_previews_nothing(project: Path) -> None:
    (project.parent / "elsewhere").touch()
    (project / "README.md").touch()
    (project / "__main__.py").write_text("raise AssertionError('it ran')\n", encoding="utf-8")
    git(project, "update-index", "--assume-unchanged", "__main__.py")
    result = onramp("review", "main", "--project", project)
    assert (result.exit_code, result.stdout.strip()) == (0, "This pull request touches no stack.")


def test_a_base_that_git_does_not_know_is_bad_input(project: Path) -> None:
    result = onramp("review", "--project", project, "--", "--output=x")
    assert result.exit_code == 2
    assert "fix: name a commit that is here" in result.stderr
    assert not (project / "x").exists()


def test_a_folder_without_git_is_bad_input(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Pulumi.yaml", tmp_path)
    result = onramp("review", "main", "--project", tmp_path)
    assert result.exit_code == 2
    assert "not a git repository" in result.stderr


def test_changes_are_those_since_the_branch_left_its_base_committed_or_not(project: Path) -> None:
    write(project, prod=WORSE)
    commit(project)
    write(project, new=GOOD)
    git(project, "mv", "services", "moved")
    git(project, "switch", "--quiet", "main")
    (project / "of-main").touch()
    git(project, "add", "of-main")
    git(project, "commit", "--quiet", "--message", "elsewhere", "of-main")
    git(project, "switch", "--quiet", "change")
    changed = changed_files(project, fork_point(project, "main"))
    assert {"Pulumi.prod.yaml", "Pulumi.new.yaml"} < set(changed)
    assert "of-main" not in changed
    assert {path.split("/")[0] for path in changed} == {"Pulumi.prod.yaml", "Pulumi.new.yaml", "moved", "services"}


def test_a_worktree_is_the_project_as_it_was_and_leaves_nothing_behind(project: Path) -> None:
    write(project, prod=WORSE)
    commit(project)
    with worktree(project, fork_point(project, "main")) as before:
        assert before.name == "infra"
        assert (before / "Pulumi.prod.yaml").read_text(encoding="utf-8") == GOOD
    assert not before.exists()
    assert len(git(project, "worktree", "list").splitlines()) == 1
