"""The pack's configuration and its remedies under the SDK's real servicer, fed with the messages of an engine."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from google.protobuf import empty_pb2, json_format, struct_pb2
from jsonschema import Draft7Validator
from pulumi.runtime import proto

from policies.catalog import RULES
from policies.config import LEVELS_SCHEMA, POLICIES, REMEDY_POLICIES, PolicyConfigError, parse_config
from policies.pack import build_policies
from policies.verdicts import Judgement
from stacks.standards import LOG_RETENTION_DAYS
from tests.policies.breaks import OFF
from tests.policies.breaks_waivers import waive
from tests.policies.draft import Draft, Json
from tests.policies.golden import FARGATE, LAMBDA, UNKNOWN
from tests.policies.golden_stores import TABLE
from tests.policies.test_pack import SECRET, Analyzer, analyzer, fresh, struct, with_outputs

LEVELS: Final = {"mandatory": proto.MANDATORY, "advisory": proto.ADVISORY, "remediate": proto.REMEDIATE}
LOGS: Final = f"{FARGATE}-logs"
FUNCTION: Final = f"{LAMBDA}-function"


class Engine:
    """Does what the engine does: configure, then for each resource remediate and analyze, then analyze the stack."""

    def __init__(self, policies: Mapping[str, str], levels: Mapping[str, str] | None = None) -> None:
        self.judgements: list[Judgement] = []
        self.servicer: Analyzer = analyzer(build_policies(self.judgements.append))
        self.remediated: list[proto.Remediation] = []
        given = {name: proto.PolicyConfig(enforcementLevel=LEVELS[level]) for name, level in policies.items()}
        if levels is not None:
            rules = proto.PolicyConfig(enforcementLevel=proto.ADVISORY, properties=struct({"levels": dict(levels)}))
            given["onramp-rules"] = rules
        self.servicer.Configure(proto.ConfigureAnalyzerRequest(policyConfig=given), empty_pb2.Empty())

    def preview(self, draft: Draft) -> list[proto.AnalyzeDiagnostic]:
        for name in draft.nodes:
            request = self.request(draft, name)
            for remedy in self.servicer.Remediate(request, empty_pb2.Empty()).remediations:
                assert not remedy.diagnostic
                self.remediated.append(remedy)
                request.properties.CopyFrom(remedy.properties)
            draft.nodes[name].inputs = json_format.MessageToDict(request.properties)
            assert not self.servicer.Analyze(request, empty_pb2.Empty()).diagnostics
        stack = proto.AnalyzeStackRequest(resources=[with_outputs(draft, name) for name in draft.nodes])
        return list(self.servicer.AnalyzeStack(stack, empty_pb2.Empty()).diagnostics)

    def request(self, draft: Draft, name: str) -> proto.AnalyzeRequest:
        node = draft.nodes[name]
        options = proto.AnalyzerResourceOptions(parent=draft.urn(node.parent) if node.parent else "")
        return proto.AnalyzeRequest(
            type=node.type, urn=draft.urn(name), name=name, properties=struct(draft.raw(name)), options=options
        )


def kept_too_short() -> Draft:
    draft = fresh()
    draft.set(LOGS, "retentionInDays", 7)
    return draft


def test_a_rule_has_the_level_that_the_config_gives_it() -> None:
    (diagnostic,) = Engine({}, {"log-retention": "advisory"}).preview(kept_too_short())

    assert diagnostic.enforcementLevel == proto.ADVISORY
    assert diagnostic.policyName == "onramp-advisory"
    assert "log-retention" in diagnostic.message


def test_a_rule_that_the_config_disables_is_not_asked() -> None:
    engine = Engine({}, {"log-retention": "disabled"})

    assert engine.preview(kept_too_short()) == []
    assert engine.judgements[0].violations == ()


def test_what_the_config_disables_leaves_nothing_undecided() -> None:
    engine = Engine({}, {"trail-records-secrets": "disabled"})
    engine.preview(fresh())

    verdict = engine.judgements[0].verdicts[FARGATE]["COMP-5"]

    assert (verdict.verdict, verdict.because) == ("not-applicable", "not asked in prod")


def test_the_level_of_a_policy_is_that_of_its_findings() -> None:
    (diagnostic,) = Engine({"onramp-mandatory": "advisory"}).preview(kept_too_short())

    assert diagnostic.enforcementLevel == proto.ADVISORY


def test_without_being_asked_nothing_is_remediated() -> None:
    engine = Engine({})

    assert len(engine.preview(kept_too_short())) == 1
    assert engine.remediated == []


def test_a_remedy_changes_what_its_rule_says_and_the_rule_holds() -> None:
    engine = Engine({"remedy-log-retention": "remediate"})

    assert engine.preview(kept_too_short()) == []
    (remedy,) = engine.remediated
    assert remedy.policyName == "remedy-log-retention"
    assert remedy.description == (
        "Logs are kept 30 days, in prod 90. Sets retentionInDays to 30 in dev, 30 in staging, 90 in prod."
    )
    before = {**kept_too_short().raw(LOGS), "retentionInDays": LOG_RETENTION_DAYS["prod"]}
    assert json_format.MessageToDict(remedy.properties) == before


def test_several_remedies_mend_one_resource_one_after_the_other() -> None:
    draft = fresh()
    draft.set(TABLE, "deletionProtectionEnabled", OFF)
    draft.unset(TABLE, "pointInTimeRecovery")
    engine = Engine(dict.fromkeys(("remedy-store-protected", "remedy-table-recovery"), "remediate"))

    assert engine.preview(draft) == []
    assert [each.policyName for each in engine.remediated] == ["remedy-table-recovery", "remedy-store-protected"]


def test_unknown_values_and_secrets_survive_a_remedy() -> None:
    draft = fresh()
    draft.set(FUNCTION, "tracingConfig", {"mode": "PassThrough", "other": SECRET})
    draft.set(FUNCTION, "environment.variables.OTEL_TOKEN", SECRET)
    draft.nodes[FUNCTION].inputs["layers"].append(UNKNOWN)
    draft.set(FUNCTION, "fileSystemConfig", {"arn": UNKNOWN, "paths": [SECRET, UNKNOWN, {"deep": SECRET}]})
    engine = Engine({"remedy-active-tracing": "remediate"})
    request = engine.request(draft, FUNCTION)
    for above in ("stack", LAMBDA):
        engine.servicer.Analyze(engine.request(draft, above), empty_pb2.Empty())

    (remedy,) = engine.servicer.Remediate(request, empty_pb2.Empty()).remediations

    expected = json_format.MessageToDict(request.properties)
    expected["tracingConfig"]["mode"] = "Active"
    assert json_format.MessageToDict(remedy.properties) == expected


def test_a_secret_that_is_replaced_stays_secret() -> None:
    draft = fresh()
    draft.set(FUNCTION, "tracingConfig", {"mode": {**SECRET, "value": "PassThrough"}})
    engine = Engine({"remedy-active-tracing": "remediate"})
    for above in ("stack", LAMBDA):
        engine.servicer.Analyze(engine.request(draft, above), empty_pb2.Empty())

    (remedy,) = engine.servicer.Remediate(engine.request(draft, FUNCTION), empty_pb2.Empty()).remediations

    found = json_format.MessageToDict(remedy.properties)["tracingConfig"]["mode"]
    assert found == {**SECRET, "value": "Active"}


@pytest.mark.parametrize("where", ["tracingConfig", "tracingConfig.mode"])
def test_what_is_not_known_is_left_alone(where: str) -> None:
    draft = fresh()
    draft.set(FUNCTION, where, UNKNOWN)
    engine = Engine({"remedy-active-tracing": "remediate"})

    engine.preview(draft)

    assert engine.remediated == []


@pytest.mark.parametrize(("days", "remediated"), [(30, 0), (300, 1)])
def test_what_is_waived_is_not_remediated_and_a_waiver_that_is_too_long_waives_nothing(
    days: int, remediated: int
) -> None:
    draft = kept_too_short()
    expires = datetime.now(tz=UTC).date() + timedelta(days=days)
    waive(FARGATE, "log-retention", expires=str(expires))(draft)
    engine = Engine({"remedy-log-retention": "remediate"})

    engine.preview(draft)

    assert len(engine.remediated) == remediated


def test_a_disabled_rule_is_not_remediated() -> None:
    engine = Engine({"remedy-log-retention": "remediate"}, {"log-retention": "disabled"})

    assert engine.preview(kept_too_short()) == []
    assert engine.remediated == []


def test_a_good_environment_is_left_as_it_is_with_all_remedies_on() -> None:
    engine = Engine(dict.fromkeys(REMEDY_POLICIES, "remediate"))

    assert engine.preview(fresh()) == []
    assert engine.remediated == []


@pytest.mark.parametrize("policy", ["onramp-rules", "onramp-mandatory", "onramp-advisory", "remedy-log-retention"])
def test_a_key_that_nothing_reads_is_refused(policy: str) -> None:
    engine = Engine({})
    level = proto.REMEDIATE if policy.startswith("remedy") else proto.MANDATORY
    config = proto.PolicyConfig(enforcementLevel=level, properties=struct({"rules": {"log-retention": "advisory"}}))
    engine.servicer.Configure(proto.ConfigureAnalyzerRequest(policyConfig={policy: config}), empty_pb2.Empty())

    with pytest.raises(PolicyConfigError, match=rf"{policy}\.rules"):
        engine.preview(kept_too_short())


def test_without_inputs_nothing_is_judged() -> None:
    engine = Engine({})
    config = proto.PolicyConfig(enforcementLevel=proto.DISABLED)
    engine.servicer.Configure(proto.ConfigureAnalyzerRequest(policyConfig={"onramp-rules": config}), empty_pb2.Empty())

    with pytest.raises(PolicyConfigError, match="onramp-rules: it is disabled"):
        engine.preview(fresh())


def problems(text: str) -> list[str]:
    with pytest.raises(PolicyConfigError) as refused:
        parse_config(text, "policy.json")
    assert all(each.file == "policy.json" and each.fix for each in refused.value.problems)
    return [f"{each.path}: {each.message}" for each in refused.value.problems]


def test_a_config_is_read_as_pulumi_reads_it() -> None:
    given: dict[str, Json] = {
        "all": "remediate",
        "onramp-advisory": {"enforcementLevel": "disabled"},
        "onramp-rules": {"levels": {"log-retention": "advisory"}},
        "remedy-api-tls": "disabled",
    }

    config = parse_config(json.dumps(given), "policy.json")

    assert (config.mandatory, config.advisory) == ("mandatory", "disabled")
    assert config.levels == {"log-retention": "advisory"}
    assert set(config.remedies) == set(REMEDY_POLICIES) - {"remedy-api-tls"}


def test_an_empty_config_changes_nothing() -> None:
    config = parse_config("{}", "policy.json")

    assert (config.mandatory, config.advisory, config.levels, config.remedies) == ("mandatory", "advisory", {}, ())


WRONG: Final[dict[str, list[str]]] = {
    "no JSON": ["it is not JSON"],
    "[]": ["it is not an object"],
    '{"onramp-mandatry": "advisory"}': ["onramp-mandatry: there is no such policy"],
    '{"log-retention": "advisory"}': ["log-retention: there is no such policy"],
    '{"all": "sometimes"}': ["all: 'sometimes' is no level of it"],
    '{"all": 7}': ["all: 7 is neither a level nor an object"],
    '{"onramp-advisory": {"enforcementLevel": "off", "rules": {}}}': [
        "onramp-advisory: 'off' is no level of it",
        "onramp-advisory.rules: nothing reads this key",
    ],
    '{"remedy-log-retention": "mandatory"}': ["remedy-log-retention: 'mandatory' is no level of it"],
    '{"onramp-rules": {"level": {}}}': ["onramp-rules.level: there is no such key"],
    '{"onramp-rules": {"levels": ["log-retention"]}}': ["onramp-rules.levels: ['log-retention'] is no object"],
    '{"onramp-rules": {"levels": {"log-retenton": "advisory", "api-tls": "remediate"}}}': [
        "onramp-rules.levels.api-tls: 'remediate' is no level of a rule",
        "onramp-rules.levels.log-retenton: there is no such rule",
    ],
    '{"onramp-rules": "disabled"}': ["onramp-rules: it is disabled"],
    '{"all": "disabled", "onramp-mandatory": "mandatory"}': ["onramp-rules: it is disabled"],
}


@pytest.mark.parametrize("text", WRONG)
def test_a_config_that_asks_for_what_there_is_not_is_refused_with_all_that_is_wrong(text: str) -> None:
    found = problems(text)

    assert len(found) == len(WRONG[text])
    assert all(wanted in each for wanted, each in zip(WRONG[text], found, strict=True))


def test_a_misspelled_name_is_guessed() -> None:
    with pytest.raises(PolicyConfigError, match="did you mean log-retention"):
        parse_config('{"onramp-rules": {"levels": {"log-retenton": "advisory"}}}', "policy.json")


def test_everything_may_be_disabled() -> None:
    assert parse_config('{"all": "disabled"}', "policy.json").mandatory == "disabled"


def fits(levels: Any) -> bool:
    return Draft7Validator(LEVELS_SCHEMA).is_valid(levels)  # pyright: ignore[reportUnknownMemberType] - jsonschema has no types of its own


def test_pulumi_refuses_the_same_levels_by_their_schema() -> None:
    assert fits({rule.meta.id: "disabled" for rule in RULES})
    assert not fits({"log-retenton": "advisory"})
    assert not fits({"log-retention": "remediate"})
    assert not fits(["log-retention"])


def test_the_pack_tells_the_schema() -> None:
    info = analyzer(build_policies()).GetAnalyzerInfo(empty_pb2.Empty(), empty_pb2.Empty())

    schemas = {policy.name: policy.configSchema for policy in info.policies}
    told: struct_pb2.Struct = schemas["onramp-rules"].properties
    assert json_format.MessageToDict(told) == {"levels": LEVELS_SCHEMA}
    assert all(not schemas[policy].properties for policy in POLICIES if policy != "onramp-rules")
