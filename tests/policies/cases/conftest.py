"""What all kinds of case share: the SDK's real analyzer, on the day that the breakages are made for."""

from collections.abc import Callable
from unittest import mock

import pytest
from google.protobuf import empty_pb2
from pulumi.runtime import proto

from policies import kinds
from policies.pack import build_policies
from policies.verdicts import Judgement
from tests.policies.cases.case import TODAY
from tests.policies.draft import Draft
from tests.policies.test_pack import analyzer, struct, with_outputs

Analysed = tuple[Judgement, list[proto.AnalyzeDiagnostic]]
Analyse = Callable[[Draft], Analysed]


@pytest.fixture(scope="session")
def analyse() -> Analyse:
    """One analyzer for all cases of this process, as one that an engine keeps for several previews."""
    judgements: list[Judgement] = []
    servicer = analyzer(build_policies(judgements.append))

    def run(draft: Draft) -> Analysed:
        for name, node in draft.nodes.items():
            if node.type == kinds.STACK_REFERENCE:
                continue  # what is only read never passes a resource policy
            parent = draft.urn(node.parent) if node.parent else ""
            options = proto.AnalyzerResourceOptions(parent=parent, ignoreChanges=node.ignores or ())
            request = proto.AnalyzeRequest(
                type=node.type, urn=draft.urn(name), name=name, properties=struct(draft.raw(name)), options=options
            )
            assert not servicer.Analyze(request, empty_pb2.Empty()).diagnostics
        request = proto.AnalyzeStackRequest(resources=[with_outputs(draft, name) for name in draft.nodes])
        with mock.patch("policies.judge.date", today=lambda: TODAY):
            diagnostics = list(servicer.AnalyzeStack(request, empty_pb2.Empty()).diagnostics)
        return judgements[-1], diagnostics

    return run
