"""Two at once, and one that is killed: who holds a stack is said, and the next one goes on where it stopped."""

import getpass
import json
import os
import select
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.components.conftest import DIGEST, stack_text
from tests.e2e.conftest import MakeProject, Project, wait_until

SERVICES: Final = "api: {compute: fargate, port: 8000}"
SOME: Final = 20
"""So many resources are in the middle of an update: the stack has six times as many."""
_SECONDS_TO_END: Final = 20


@pytest.fixture
def project(make_project: MakeProject) -> Iterator[Project]:
    project = make_project(dev=stack_text(SERVICES, images={"api": DIGEST}))
    yield project
    kill_the_machine(project)


def is_locked(project: Project) -> bool:
    return any(project.locks.rglob("*.json"))


def processes(project: Project) -> set[int]:
    """Every process that has to do with this copy, by what is in its environment."""
    mark = f"PYTHONPATH={project.folder}".encode()
    return {int(path.parent.name) for path in Path("/proc").glob("[0-9]*/environ") if mark in _read(path)}


def kill_the_machine(project: Project) -> None:
    """End everything at once, the plugins as well, which the engine starts in process groups of their own."""
    for process in processes(project):
        os.kill(process, signal.SIGKILL)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # it has ended, or is another user's
        return b""


def test_the_second_of_two_updates_is_told_who_is_at_work(project: Project) -> None:
    with project.aws().reading():  # AWS answers nobody, so the first does not end before the second is there
        first = project.start("deploy", "dev")
        wait_until(lambda: is_locked(project), first)
        second = project.onramp("deploy", "dev", "--json").ended(5)
    assert first.wait() == 0
    (problem,) = second.document["problems"]
    assert problem["message"] == second.err.strip()
    assert "The stack dev is locked" in second.err
    assert f"by {getpass.getuser()}@" in second.err
    assert "onramp deploy dev --unlock" in second.err
    assert not is_locked(project)


def test_a_killed_update_is_taken_up_where_it_stopped(project: Project) -> None:
    first = project.start("deploy", "dev")
    wait_until(lambda: len(project.things()) >= SOME, first)
    with project.aws().reading():  # nothing more is made from here on
        made = project.things()
        wait_until(lambda: recorded(project) >= made.keys(), first)
        kill_the_machine(project)
        first.wait()
    locked = project.onramp("deploy", "dev").ended(5)
    assert "onramp deploy dev --unlock" in locked.err

    unlocked = project.onramp("deploy", "dev", "--unlock").ended(0)
    assert not is_locked(project)
    assert "whether AWS has done it is not known" in unlocked.out
    assert "urn:pulumi:dev::onramp::" in unlocked.out
    assert not any(each["urn"] in unlocked.out for each in made.values())
    finished = project.onramp("deploy", "dev", "--json").ended(0).document

    whole = {each["urn"] for each in project.exported("dev") if each["custom"] and "pulumi:" not in each["type"]}
    assert sorted(each["urn"] for each in project.things().values()) == sorted(whole)
    assert made.items() <= project.things().items()
    assert finished["changes"]["same"] >= len(made)
    assert finished["changes"]["same"] + finished["changes"]["create"] == len(finished["resources"])


def recorded(project: Project) -> set[str]:
    """What the engine has written down as made, by the keys of the stand-in."""
    (checkpoint,) = (project.folder / ".pulumi/onramp/state/.pulumi/stacks").rglob("dev.json")
    found = json.loads(checkpoint.read_text(encoding="utf-8"))["checkpoint"]["latest"].get("resources", [])
    return {f"{each['type']} {each.get('outputs', {}).get('arn')} {each.get('id')}" for each in found}


def test_nothing_of_a_killed_update_keeps_running(project: Project) -> None:
    first = project.start("deploy", "dev")
    wait_until(lambda: bool(project.things()), first)
    with project.aws().reading():
        started = processes(project)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
    assert len(started) > 1
    assert [each for each in started if not has_ended(each)] == []


def has_ended(process: int) -> bool:
    """Whether a process ends within the time that anybody would wait for it."""
    try:
        watched = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        ready, _, _ = select.select([watched], [], [], _SECONDS_TO_END)
    finally:
        os.close(watched)
    return bool(ready)


@pytest.mark.parametrize("made", [5, 45, 95])
def test_an_update_killed_at_any_moment_is_taken_up(project: Project, made: int) -> None:
    first = project.start("deploy", "dev")
    wait_until(lambda: len(project.things()) >= made, first)
    kill_the_machine(project)
    first.wait()
    project.onramp("deploy", "dev", "--unlock").ended(0)
    project.onramp("deploy", "dev").ended(0)
    whole = [each["urn"] for each in project.exported("dev") if each["custom"] and "pulumi:" not in each["type"]]
    assert sorted(each["urn"] for each in project.things().values()) == sorted(whole)
