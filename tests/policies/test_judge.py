"""Verdicts: what is undecided and why, what people state, what a broken rule does, and that order never changes."""

import json
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import pytest

from policies import kinds
from policies.catalog import RULES
from policies.checklist import CHECKLIST
from policies.graph import Graph, Service
from policies.judge import judge
from policies.rule import Meta, Outcome, service_rule, stack_rule
from policies.values import walk
from policies.verdicts import Judgement
from stacks.standards import ATTESTATION_DAYS
from tests.policies.draft import Draft
from tests.policies.golden import FARGATE, LAMBDA, UNKNOWN, good

TODAY = date(2026, 7, 1)
TASK, SERVICE, FUNCTION = f"{FARGATE}-task", f"{FARGATE}-service", f"{LAMBDA}-function"


def judged(draft: Draft, today: date = TODAY) -> Judgement:
    return judge(draft.graph(), today)


def of(judgement: Judgement, service: str, verdict: str) -> set[str]:
    return {item for item, found in judgement.verdicts[service].items() if found.verdict == verdict}


def test_every_service_gets_a_verdict_with_a_cause_for_every_item() -> None:
    judgement = judged(good())

    assert len(CHECKLIST) == 45
    for verdicts in judgement.verdicts.values():
        assert list(verdicts) == list(CHECKLIST)
        assert all(verdict.because for verdict in verdicts.values())


def test_a_good_container_service_passes_what_the_graph_can_prove() -> None:
    judgement = judged(good())

    assert of(judgement, FARGATE, "undecided") == {"CICD-1", "CICD-3", "COMP-3"}
    assert of(judgement, FARGATE, "attested") == {"HLTH-1", "OBS-4", "SECR-6"}
    other_computes = {"HLTH-4", "SECR-2", "SECR-3", "SECR-4", "ALRT-5"}
    assert of(judgement, FARGATE, "not-applicable") == {*other_computes, "COMP-2"}
    assert len(of(judgement, FARGATE, "pass")) == 33


def test_a_good_function_passes_what_the_graph_can_prove() -> None:
    judgement = judged(good())

    assert of(judgement, LAMBDA, "undecided") == {"CICD-1"}
    assert of(judgement, LAMBDA, "attested") == {"OBS-4"}
    asked = {item.id for item in CHECKLIST.values() if "lambda" in item.applies}
    nothing_to_ask = {"HLTH-2", "SECR-5"}
    assert of(judgement, LAMBDA, "pass") == asked - nothing_to_ask - {"CICD-1", "OBS-4"}


def test_what_is_not_asked_of_a_compute_type_says_of_which_it_is() -> None:
    verdict = judged(good()).verdicts[LAMBDA]["HLTH-5"]

    assert verdict.because == "asked of fargate; this service is lambda"


UNDECIDED = [
    (SERVICE, "networkConfiguration.assignPublicIp", "PRE-2"),
    (f"{FARGATE}-policy", "policy", "PRE-3"),
    (f"{FARGATE}-keep", "policy", "PRE-4"),
    ("API_TOKEN-rotation", "rotationRules", "PRE-6"),
    (f"{FARGATE}-repository", "imageTagMutability", "CICD-2"),
    (SERVICE, "deploymentConfiguration", "CICD-4"),
    (f"{FARGATE}-target", "healthCheck", "HLTH-2"),
    (SERVICE, "healthCheckGracePeriodSeconds", "HLTH-5"),
    (SERVICE, "serviceConnectConfiguration.enabled", "NET-1"),
    (f"{FARGATE}-sampling", "serviceName", "OBS-2"),
    (f"{FARGATE}-logs", "retentionInDays", "OBS-3"),
    ("cluster", "settings", "OBS-6"),
    (f"{FARGATE}-CPUUtilization", "threshold", "ALRT-1"),
    (f"{FARGATE}-composite", "alarmRule", "ALRT-2"),
    (f"{FARGATE}-CPUUtilization", "alarmActions", "ALRT-3"),
    (SERVICE, "alarms", "ALRT-4"),
    (f"{FARGATE}-dashboard", "dashboardBody", "ALRT-6"),
]


@pytest.mark.parametrize(("name", "path", "item"), UNDECIDED)
def test_an_unknown_value_that_refers_to_nothing_is_undecided(name: str, path: str, item: str) -> None:
    draft = good()
    draft.set(name, path, UNKNOWN)

    judgement = judged(draft)

    verdict = judgement.verdicts[FARGATE][item]
    assert verdict.verdict == "undecided"
    assert "only known after the deployment" in verdict.because
    assert judgement.violations == ()


def test_unknown_containers_decide_nothing_and_break_nothing() -> None:
    draft = good()
    draft.set(TASK, "containerDefinitions", UNKNOWN)

    judgement = judged(draft)

    assert judgement.violations == ()
    assert {"HLTH-3", "OBS-1", "OBS-5", "SECR-1", "CICD-2"} <= of(judgement, FARGATE, "undecided")


def test_an_unknown_value_that_refers_to_the_right_kind_of_resource_is_set() -> None:
    draft = good()
    draft.set(SERVICE, "networkConfiguration.securityGroups", UNKNOWN)
    draft.set(f"{FARGATE}-CPUUtilization", "alarmActions", [UNKNOWN])
    draft.nodes[f"{FARGATE}-CPUUtilization"].refers["alarmActions"] = ["paging"]

    verdicts = judged(draft).verdicts[FARGATE]

    assert verdicts["PRE-2"].verdict == verdicts["ALRT-3"].verdict == "pass"


def test_a_secret_by_reference_may_be_unknown_in_a_variable() -> None:
    draft = good()
    draft.set(FUNCTION, "environment.variables.DATABASE_URL", UNKNOWN)
    assert judged(draft).verdicts[LAMBDA]["PRE-6"].verdict == "undecided"

    draft.nodes[FUNCTION].refers["environment"] = ["DATABASE_URL"]
    assert judged(draft).verdicts[LAMBDA]["PRE-6"].verdict == "pass"


def test_what_another_stack_owns_is_undecided_and_named() -> None:
    judgement = judged(good(foundation="org/onramp/base"))

    assert judgement.violations == ()
    for item in ("PRE-5", "OBS-6", "ALRT-3", "COMP-1", "COMP-4", "COMP-5"):
        verdict = judgement.verdicts[FARGATE][item]
        assert verdict.verdict == "undecided"
        assert "org/onramp/base" in verdict.because


def test_an_image_that_was_never_released_is_undecided_before_prod() -> None:
    draft = good("dev")
    draft.set(TASK, "containerDefinitions.0.image", "host/news-api/dev:unreleased")

    assert judged(draft).verdicts[FARGATE]["CICD-2"].because == "no image has been released yet"


@pytest.mark.parametrize(
    ("age", "verdict"), [(0, "attested"), (ATTESTATION_DAYS, "attested"), (ATTESTATION_DAYS + 1, "fail")]
)
def test_a_statement_counts_for_its_time(age: int, verdict: str) -> None:
    draft = good()
    draft.set(FARGATE, "attest.OBS-4.on", (TODAY - timedelta(days=age)).isoformat())

    assert judged(draft).verdicts[FARGATE]["OBS-4"].verdict == verdict


def test_what_nobody_has_stated_is_undecided() -> None:
    draft = good()
    draft.unset(FARGATE, "attest.HLTH-1")

    judgement = judged(draft)

    assert judgement.verdicts[FARGATE]["HLTH-1"].verdict == "undecided"
    assert judgement.violations == ()


META = Meta(id="broken", item="PRE-1", title="t", why="w", fix="f", severity="low", url="https://example.com")


@service_rule(META)
def failing_check(service: Service, graph: Graph) -> Iterator[Outcome]:
    yield from ()
    raise KeyError(f"hunter2 {service.name} {graph}")


@stack_rule(META)
def failing_stack_check(graph: Graph) -> Iterator[Outcome]:
    yield from ()
    raise KeyError(f"hunter2 {graph}")


def test_a_rule_that_fails_itself_is_a_violation_of_that_rule_and_quotes_nothing() -> None:
    for rule in (failing_check, failing_stack_check):
        judgement = judge(good().graph(), TODAY, [rule, *RULES])

        assert {violation.rule for violation in judgement.violations} == {"broken"}
        assert "the rule itself failed: KeyError at test_judge.py:" in judgement.violations[0].message
        assert "hunter2" not in repr(judgement)
        assert judgement.verdicts[FARGATE]["PRE-1"].verdict == "fail"
        assert judgement.verdicts[FARGATE]["PRE-2"].verdict == "pass"


def test_the_order_of_resources_changes_nothing() -> None:
    draft = good()
    draft.set("https", "sslPolicy", "ELBSecurityPolicy-2016-08")
    draft.drop("analyzer", "flow-log", f"{FARGATE}-keep", f"{LAMBDA}-alias")
    resources = draft.resources()
    expected = judge(Graph(resources), TODAY)

    for seed in range(5):
        shuffled = random.Random(seed).sample(resources, len(resources))  # noqa: S311 - an order, not a secret
        assert judge(Graph(shuffled), TODAY) == expected
    assert len(expected.violations) == 5


def test_a_document_is_read_once_however_many_rules_ask_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    graph = good().graph()
    written = Counter(text for each in graph.resources() for text in walk(each.inputs) if isinstance(text, str))
    read: Counter[str] = Counter()
    loads = json.loads

    def counting(text: str) -> object:
        read[text] += 1
        return loads(text)

    monkeypatch.setattr(json, "loads", counting)
    judge(graph, TODAY)

    assert len(read) > 10
    assert read <= written


def test_a_violation_says_everything_in_one_text() -> None:
    draft = good()
    draft.drop(f"{FARGATE}-dashboard")

    (violation,) = judged(draft).violations

    assert violation.fix
    assert violation.url
    cause = "[dashboard ALRT-6] low news-api: news-api has no dashboard"
    assert violation.render().split("\n") == [cause, f"fix: {violation.fix}", violation.url]


def test_a_stack_without_services_is_judged_too() -> None:
    draft = Draft()
    draft.add("base", kinds.FOUNDATION, "")

    judgement = judged(draft)

    assert judgement.verdicts == {}
    assert {"flow-logs", "access-analyzer", "trail-records-secrets"} <= {each.rule for each in judgement.violations}
