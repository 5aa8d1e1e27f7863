"""A stack file is printed into CI logs when it is wrong; a credential pasted into it must not be."""

from collections.abc import Callable

import pytest

from stacks.problems import Problem, StackFileError

ENVIRONMENT = "tier: dev, owner: platform, costCenter: '1001', domain: example.com"
SECRET = "https://events.pagerduty.com/integration/0123456789abcdef/enqueue"  # noqa: S105 - made up, and must not be shown


@pytest.mark.parametrize(
    "paging", [f"{{pagerduty: '{SECRET}'}}", f"'{SECRET}'", f"{{pagerduty: ['{SECRET}']}}", f"{{url: '{SECRET}'}}"]
)
def test_a_paging_url_is_refused_without_being_echoed(
    problems: Callable[[str], tuple[Problem, ...]], paging: str
) -> None:
    found = problems(f"config:\n  aws:region: eu-west-1\n  onramp:environment: {{{ENVIRONMENT}, paging: {paging}}}\n")
    assert {problem.path.split(".")[2] for problem in found} == {"paging"}
    assert "0123456789abcdef" not in StackFileError(found).render()


@pytest.mark.parametrize(
    "secrets", ["{DATABASE_URL: 'postgres://u:hunter2@h/d'}", "['postgres://u:hunter2@h/d']", "'hunter2'"]
)
def test_a_pasted_credential_is_refused_without_being_echoed(
    service_problems: Callable[[str], tuple[Problem, ...]], secrets: str
) -> None:
    (problem,) = service_problems(f"api: {{compute: fargate, secrets: {secrets}}}")
    assert problem.got == "[not shown]"
    assert "hunter2" not in problem.render()


def test_a_credential_under_an_unknown_key_is_not_echoed(
    service_problems: Callable[[str], tuple[Problem, ...]],
) -> None:
    (problem,) = service_problems("api: {compute: fargate, password: hunter2}")
    assert "hunter2" not in problem.render()
