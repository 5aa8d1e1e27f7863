"""A version that a rollout took back, from the ledger to the exit code of a preview; and a waiver of it."""

from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from rollouts.place import LEDGER_VARIABLE
from stacks.targets import TARGETS
from tests.conftest import THE_DAY
from tests.onramp.conftest import MakeProject, document, onramp, services
from tests.rollouts.stage import START
from tests.rollouts.test_standing import record, write

RULE: Final = "taken-back-version-stays-out"
BAD, FORMER = (f"sha256:{digit * 64}" for digit in "21")
REGISTRY: Final = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/page/dev"
WAIVER: Final = (
    f"{{rule: {RULE}, reason: it was the alarm, owner: news, approver: security, "
    f"ticket: NEWS-7, expires: '{THE_DAY + timedelta(days=20)}'}}"
)
TARGET: Final[dict[str, object]] = {
    "driver": "express",
    "service": "page",
    "compute": "express",
    "region": "eu-west-1",
    "revision": f"{REGISTRY}@{BAD}",
    "repository": "page/dev",
    "image": BAD,
    "release": BAD,
    "gates": {},
    "cluster": "dev",
    "ecsService": "page",
}


def stack_file(release: str, *waivers: str) -> str:
    text = services(f"page: {{compute: express, port: 80, waive: [{', '.join(waivers)}]}}\n")
    text = text.replace("    tier:", '    account: "111122223333"\n    tier:', 1)
    return f'{text}  onramp:images: {{page: "{release}"}}\n'


@pytest.fixture
def folder(project: MakeProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose last rollout was aborted, and whose stack file still names its version."""
    address = f"sqlite://{tmp_path / 'ledger.db'}"
    over = {"phase": "ended", "ending": "aborted", "reason": "5xx: worse", "ended_at": START}
    revisions = {"live": f"{REGISTRY}@{FORMER}", "candidate": f"{REGISTRY}@{BAD}"}
    write(
        address, record(service="page", target=TARGETS.validate_python({"page": TARGET})["page"], **revisions, **over)
    )
    monkeypatch.setenv(LEDGER_VARIABLE, address)
    return project(stack_file(BAD))


def preview(folder: Path, *more: str) -> tuple[int, Any]:
    result = onramp("preview", "dev", "--project", folder, "--json", *more)
    return result.exit_code, document(result)


def test_it_is_refused_with_who_when_why_and_the_line_to_write(folder: Path) -> None:
    code, found = preview(folder)

    (violation,) = [each for each in found["violations"] if each["rule"] == RULE]
    assert (code, violation["service"], violation["level"]) == (1, "page", "mandatory")
    assert violation["message"] == (
        f"r-1 of page (ann) took {REGISTRY}@{BAD} back at 2026-01-01 00:00 UTC (5xx: worse), and this update would "
        f"deploy it again; put the former version back (onramp:images.page: {FORMER}), "
        "or roll this one out on purpose, watched: onramp rollout start dev page"
    )


def test_with_that_line_it_passes(folder: Path) -> None:
    (folder / "Pulumi.dev.yaml").write_text(stack_file(FORMER), encoding="utf-8")

    code, found = preview(folder)

    assert code == 0
    assert RULE not in {each["rule"] for each in found["violations"]}


def test_a_waiver_lets_it_pass_and_is_listed(folder: Path) -> None:
    (folder / "Pulumi.dev.yaml").write_text(stack_file(BAD, WAIVER), encoding="utf-8")

    code, found = preview(folder)

    assert code == 0
    assert [each["rule"] for each in found["waived"]] == [RULE]
