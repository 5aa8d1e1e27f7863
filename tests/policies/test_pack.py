"""The pack under the SDK's real servicer, fed with the messages that an engine sends."""

from collections.abc import Callable
from typing import Protocol

import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime import proto
from pulumi_policy import EnforcementLevel, Policy
from pulumi_policy.policy import (
    _PolicyAnalyzerServicer,  # pyright: ignore[reportPrivateUsage] - the SDK has no harness for tests
)

from policies import kinds
from policies.config import POLICIES, REMEDY_POLICIES
from policies.pack import build_policies
from policies.verdicts import Judgement
from stacks.standards import LOG_RETENTION_DAYS, Tier
from tests.policies.draft import Draft, Json
from tests.policies.golden import FARGATE, LAMBDA, UNKNOWN, good

SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "value": "hunter2"}
Preview = Callable[[Draft], list[proto.AnalyzeDiagnostic]]


class Analyzer(Protocol):
    def Analyze(self, request: proto.AnalyzeRequest, _context: object) -> proto.AnalyzeResponse: ...  # noqa: N802 - the SDK's name
    def AnalyzeStack(self, request: proto.AnalyzeStackRequest, _context: object) -> proto.AnalyzeResponse: ...  # noqa: N802 - the SDK's name
    def Remediate(self, request: proto.AnalyzeRequest, _context: object) -> proto.RemediateResponse: ...  # noqa: N802 - the SDK's name
    def Configure(self, request: proto.ConfigureAnalyzerRequest, _context: object) -> object: ...  # noqa: N802 - the SDK's name
    def GetAnalyzerInfo(self, _request: object, _context: object) -> proto.AnalyzerInfo: ...  # noqa: N802 - the SDK's name


def analyzer(policies: list[Policy]) -> Analyzer:
    return _PolicyAnalyzerServicer("onramp", "0.1.0", policies, EnforcementLevel.ADVISORY)


@pytest.fixture
def judgements() -> list[Judgement]:
    return []


@pytest.fixture
def preview(judgements: list[Judgement]) -> Preview:
    """One analyzer that lives as long as the test, and may see several previews."""
    servicer = analyzer(build_policies(judgements.append))

    def run(draft: Draft) -> list[proto.AnalyzeDiagnostic]:
        for name, node in draft.nodes.items():
            if node.type == kinds.STACK_REFERENCE:
                continue  # what is only read never passes a resource policy
            options = proto.AnalyzerResourceOptions(parent=draft.urn(node.parent) if node.parent else "")
            request = proto.AnalyzeRequest(
                type=node.type, urn=draft.urn(name), name=name, properties=struct(draft.raw(name)), options=options
            )
            assert not servicer.Analyze(request, empty_pb2.Empty()).diagnostics
        request = proto.AnalyzeStackRequest(resources=[with_outputs(draft, name) for name in draft.nodes])
        return list(servicer.AnalyzeStack(request, empty_pb2.Empty()).diagnostics)

    return run


def struct(values: dict[str, Json]) -> struct_pb2.Struct:
    found = struct_pb2.Struct()
    found.update(values)
    return found


def with_outputs(draft: Draft, name: str) -> proto.AnalyzerResource:
    """A resource as the engine shows it to stack policies: a map with one unknown value is unknown as a whole."""
    node = draft.nodes[name]
    raw = draft.raw(name)
    outputs = {key: UNKNOWN if UNKNOWN in str(value) else value for key, value in raw.items() if key != "publish"}
    dependencies = {
        key: proto.AnalyzerPropertyDependencies(urns=[draft.urn(each) for each in names if each in draft.nodes])
        for key, names in node.refers.items()
    }
    return proto.AnalyzerResource(
        type=node.type,
        urn=draft.urn(name),
        name=name,
        properties=struct(outputs),
        parent=draft.urn(node.parent) if node.parent else "",
        propertyDependencies=dependencies,
    )


def fresh(foundation: str = "own", tier: Tier = "prod") -> Draft:
    """A good environment whose statements of people do not depend on the day of the test run."""
    draft = good(tier, foundation=foundation)
    for service in (FARGATE, LAMBDA):
        draft.set(service, "attest", {})
    return draft


def test_a_good_environment_gets_no_diagnostic(preview: Preview, judgements: list[Judgement]) -> None:
    assert preview(fresh()) == []
    assert len(judgements) == 1
    assert judgements[0].ok


def test_a_violation_is_reported_with_level_urn_and_a_whole_message(preview: Preview) -> None:
    draft = fresh()
    draft.set(f"{FARGATE}-logs", "retentionInDays", LOG_RETENTION_DAYS["prod"] - 1)

    (diagnostic,) = preview(draft)

    assert diagnostic.enforcementLevel == proto.MANDATORY
    assert diagnostic.policyName == "onramp-mandatory"
    assert diagnostic.urn == draft.urn(f"{FARGATE}-logs")
    _, cause, fix, url = diagnostic.message.split("\n")
    assert cause.startswith("[log-retention OBS-3] medium news-api: news-api-logs keeps logs for 89 days")
    assert fix.startswith("fix: ")
    assert url.startswith("https://docs.aws.amazon.com/")


def test_advice_is_reported_as_advice(preview: Preview) -> None:
    draft = fresh(tier="dev")
    draft.set(f"{FARGATE}-task", "containerDefinitions.0.image", "host/news-api/dev:latest")

    (diagnostic,) = preview(draft)

    assert diagnostic.enforcementLevel == proto.ADVISORY
    assert diagnostic.policyName == "onramp-advisory"


def test_the_next_preview_starts_anew(preview: Preview, judgements: list[Judgement]) -> None:
    broken = fresh()
    broken.drop("analyzer")

    assert len(preview(broken)) == 1
    assert preview(fresh()) == []
    assert [judgement.ok for judgement in judgements] == [False, True]


def test_a_secret_variable_is_refused_and_not_shown(preview: Preview, judgements: list[Judgement]) -> None:
    draft = fresh()
    draft.set(f"{LAMBDA}-function", "environment.variables.DB_PASSWORD", SECRET)

    (diagnostic,) = preview(draft)

    assert "function-plain-secret" in diagnostic.message
    assert "hunter2" not in diagnostic.message + repr(judgements)


def test_a_resource_that_is_only_read_is_judged_by_what_the_stack_shows(
    preview: Preview, judgements: list[Judgement]
) -> None:
    draft = fresh("org/onramp/base")
    for service in (FARGATE, LAMBDA):
        draft.unset(service, "foundation")

    assert preview(draft) == []
    assert "org/onramp/base" in judgements[0].verdicts[FARGATE]["COMP-5"].because


def test_the_pack_describes_its_policies() -> None:
    info = analyzer(build_policies()).GetAnalyzerInfo(empty_pb2.Empty(), empty_pb2.Empty())

    assert [policy.name for policy in info.policies] == list(POLICIES)
    assert {policy.name for policy in info.policies if policy.enforcementLevel == proto.DISABLED} == set(
        REMEDY_POLICIES
    )
