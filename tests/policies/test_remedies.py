"""Remedies: each mends what its rule finds, breaks nothing else, and changes nothing where the rule does not count."""

from collections.abc import Callable
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Any, Final

import pytest

from policies import kinds
from policies.catalog import RULES
from policies.config import with_levels
from policies.remedies import Remediable, changes, describe, put, remediable, types_of
from policies.rule import AttestedRule, WaiverRule
from policies.verdicts import Judgement
from simulator.changes import changes as differences
from stacks.standards import LOG_RETENTION_DAYS, TIERS, Tier
from tests.policies.breaks import FUNCTION, OFF, ON, TASK, Break, without
from tests.policies.breaks import put as broken_by
from tests.policies.breaks_waivers import waive
from tests.policies.draft import Draft
from tests.policies.golden import FARGATE, LAMBDA, good
from tests.policies.golden_endpoint import NAME as MODEL
from tests.policies.golden_fargate import by_codedeploy, by_the_clock, on_spot
from tests.policies.golden_pipelines import delivered
from tests.policies.golden_stores import CLUSTER, MEMBERS, TABLE
from tests.policies.golden_web import EXPRESS, RUNNER, automatic, with_web
from tests.policies.test_breakages import ALL_BREAKS, TODAY, judged

REMEDIABLE: Final = {rule.meta.id: rule for rule in remediable(RULES)}
GOOD: Final = (good, delivered, on_spot, by_the_clock, by_codedeploy, with_web, automatic)

_STREAM: Final = f"{LAMBDA}-from-stream"
_RUN: Final = f"{RUNNER}-service"
_CHECK: Final = "healthCheckConfiguration"

MORE_BREAKS: Final = (
    Break("alarm-action", FARGATE, broken_by(f"{FARGATE}-CPUUtilization", "actionsEnabled", OFF)),
    Break("api-throttled", None, broken_by("api-stage", "defaultRouteSettings.throttlingRateLimit", 0)),
    Break("store-protected", FARGATE, without(CLUSTER, "deletionProtection")),
    Break("runner-health-check", RUNNER, broken_by(_RUN, f"{_CHECK}.healthyThreshold", 21), "prod", with_web),
    Break("runner-health-check", RUNNER, broken_by(_RUN, f"{_CHECK}.unhealthyThreshold", 0), "prod", with_web),
    Break("container-read-only-root", FARGATE, broken_by(TASK, "containerDefinitions.0.readonlyRootFilesystem", OFF)),
)
"""Where the breakages of the rules leave out an input that a remedy sets."""


def the_topics_alarm_is_off(draft: Draft) -> None:
    """An alarm of the foundation that is right but for its actions."""
    actions = draft.nodes[f"{FARGATE}-CPUUtilization"].inputs
    draft.add("nat-errors", kinds.METRIC_ALARM, "base", **{**actions, "name": "nat-errors", "actionsEnabled": False})


MENDED: Final = tuple(
    case
    for case in (
        *ALL_BREAKS,
        *MORE_BREAKS,
        Break("foundation-alarm-action", None, the_topics_alarm_is_off),
    )
    if case.rule in REMEDIABLE
)

WITHOUT: Final = {
    "needs another resource": (
        "access-analyzer alarm-missing alarm-watches api-access-log api-balancer-internal api-route "
        "bucket-encrypted bucket-lifecycle bucket-not-public bucket-tls bucket-versioned budget budget-notice "
        "cloud-map codedeploy-rollback-alarm composite-alarm composite-alarm-names compute-type-supported "
        "config-in-parameter-store cost-anomaly database-from-groups database-monitored database-rotation "
        "database-subnets-isolated database-tls dead-letter-alarm delivery-pipeline deployment-failure-notice "
        "deployment-hooks endpoint-capture endpoint-rollback-alarms endpoint-volume-key express-log-group "
        "express-network firewall-attached firewall-logs flow-logs function-encrypted function-failed-events "
        "function-hooks function-image function-memory-alarms function-queue function-url-alias image-repository "
        "image-signed ingress-from-groups listener-rule load-balancer-logs log-group log-group-encrypted nat-per-zone "
        "nat-single network-zones no-public-subnet own-role paging-subscription pipeline-artifacts-encrypted "
        "pipeline-failure-notice private-subnet-closed probe-alarm probe-missing provisioned-scales "
        "queue-encrypted queue-redrive registry-approval repository-encrypted rollback-alarm "
        "rotation-administrator runner-log-retention runner-network sampling-rule scaling schedule-dead-letters "
        "secret-encrypted secret-in-secrets-manager secret-rotation service-connect service-in-network "
        "shift-rollback-alarm store-alarms subscription-allowed subscription-dead-letters topic-encrypted "
        "trail-encrypted trail-records-secrets variant-alarms vpc-endpoints vpc-link web-cloud-map "
        "web-private-subnet"
    ),
    "the secret has to move, and then the variable": (
        "build-plain-secret container-plain-secret container-secret-reference function-plain-secret "
        "no-plain-config parameter-plain-secret web-plain-secret web-secret-reference"
    ),
    "only its team knows which value": (
        "agent-tools agent-tools-many alarm-dimension alarm-looser alarm-runbook api-cors "
        "api-integration-encrypted container-health-check container-start-period dashboard database-user-name "
        "egress-https endpoint-guardrails endpoint-secrets event-rule-targets front-door "
        "function-concurrency-reserved grace-period listener-pattern-unique listener-priority-unique "
        "no-admin-policy no-open-ingress no-public-policy no-wildcard-action no-wildcard-resource pass-role-bound "
        "permission-source required-tags role-trusts-no-account shared-role-wildcards socket-connect "
        "spot-on-demand-base subnet-addresses"
    ),
    "two values are right": "runner-deployment snap-start-published",
    "is an option of the resource, and no input": "rollout-owns",
    "has to wait until the rollout has ended": "open-rollout-undisturbed",
    "only the stack file's history knows the former one": "taken-back-version-stays-out",
    "has to be built, delivered or said first": (
        "adot approval-before-prod cloudwatch-agent express-tracing function-arm64 function-runtime image-pinned "
        "image-released image-tag-names-commit model-released pipeline-rolls-out scan-gate security-hub-gate "
        "task-arm64 web-image-pinned web-image-released"
    ),
    "several inputs have to change together": (
        "database-password-managed firewall-rules image-keep-count listener-encrypted"
    ),
    "has to be taken away": "no-access-keys no-app-mesh no-default-vpc",
}
"""Why the other rules have no remedy."""


LEFT: Final = {("image-tags-immutable", RUNNER)}
"""What its team is left to mend, though others with the same rule are remediated."""


def mended(draft: Draft, rule: Remediable) -> set[tuple[str, str]]:
    """Apply the remedies of a rule as the engine does, which tells them no dependencies: what was set, and where."""
    known = {each.urn: each for each in draft.resources()}
    found: set[tuple[str, str]] = set()
    for resource in known.values():
        inputs = draft.raw(resource.name)
        for change in changes(rule, replace(resource, property_dependencies={}), known, TODAY):
            assert put(inputs, change.path, change.value)
            found.add((resource.type, change.path))
        draft.nodes[resource.name].inputs = inputs
    return found


def broken(case: Break) -> Draft:
    draft = case.start(case.tier)
    case.change(draft)
    return draft


def has_remedy(rule: Remediable, draft: Draft, judgement: Judgement) -> bool:
    """Whether the rule has a remedy for what it found."""
    (violation,) = judgement.violations
    kind = next((node.type for name, node in draft.nodes.items() if draft.urn(name) == violation.urn), "")
    return bool(used(rule, {(kind, violation.path)}))


def used(rule: Remediable, found: set[tuple[str, str]]) -> set[int]:
    """Which remedies of a rule are for these inputs, by their place."""

    return {
        place
        for place, remedy in enumerate(rule.remedies)
        for kind, path in found
        if kind in remedy.types and fnmatchcase(path, remedy.path)
    }


@pytest.mark.parametrize("case", MENDED, ids=[f"{case.rule}-{place}" for place, case in enumerate(MENDED)])
def test_a_remedy_mends_what_its_rule_finds_and_nothing_else_breaks(case: Break) -> None:
    rule = REMEDIABLE[case.rule]
    draft = broken(case)
    before = judged(draft)
    assert {each.rule for each in before.violations} == {case.rule}

    set_ = mended(draft, rule)

    after = judged(draft)
    if set_:
        assert after.violations == ()
    else:
        assert (case.rule, case.service) in LEFT or not has_remedy(rule, draft, before)
        assert after == before


@pytest.mark.parametrize("rule", REMEDIABLE.values(), ids=REMEDIABLE)
def test_every_remedy_is_proved_by_some_breakage(rule: Remediable) -> None:
    proved: set[int] = set()
    for case in MENDED:
        if case.rule == rule.meta.id:
            proved |= used(rule, mended(broken(case), rule))

    assert proved == set(range(len(rule.remedies)))


@pytest.mark.parametrize("start", GOOD)
@pytest.mark.parametrize("tier", TIERS)
def test_where_nothing_is_broken_nothing_is_changed(start: Callable[[Tier], Draft], tier: Tier) -> None:
    draft = start(tier)

    assert {rule.meta.id: found for rule in REMEDIABLE.values() if (found := mended(draft, rule))} == {}


def test_every_rule_has_a_remedy_or_a_reason_why_it_has_none() -> None:
    stated = [rule for rules in WITHOUT.values() for rule in rules.split()]
    asked = {rule.meta.id for rule in RULES if not isinstance(rule, AttestedRule | WaiverRule)}

    assert len(stated) == len(set(stated))
    assert asked - set(REMEDIABLE) == set(stated)


def test_no_remedy_replaces_what_holds_data() -> None:
    made_anew = {kinds.TASK_DEFINITION, kinds.MODEL, kinds.ENDPOINT_CONFIG, kinds.RUNNER_OBSERVABILITY}
    losing_nothing = {kinds.FLOW_LOG, kinds.TARGET_GROUP}  # it writes on; one of instances never had a target
    found = {input_ for case in MENDED for input_ in mended(broken(case), REMEDIABLE[case.rule])}

    tops = {(kind, path.partition(".")[0]) for kind, path in found}
    replaced = {kind for kind, top in tops for each in differences(kind, {top: 1}, {top: 2}) if each.replaces}

    assert replaced == made_anew | losing_nothing


@pytest.mark.parametrize("rule", REMEDIABLE.values(), ids=REMEDIABLE)
def test_a_remedy_says_what_it_sets(rule: Remediable) -> None:
    assert rule.meta.title in describe(rule)
    assert all(remedy.path in describe(rule) for remedy in rule.remedies)
    assert types_of(rule)


def kept_too_short(tier: Tier = "prod") -> Draft:
    draft = good(tier)
    draft.set(f"{FARGATE}-logs", "retentionInDays", LOG_RETENTION_DAYS[tier] - 1)
    return draft


@pytest.mark.parametrize("tier", TIERS)
def test_the_value_is_the_tiers(tier: Tier) -> None:
    draft = kept_too_short(tier)

    mended(draft, REMEDIABLE["log-retention"])

    assert draft.raw(f"{FARGATE}-logs")["retentionInDays"] == LOG_RETENTION_DAYS[tier]


@pytest.mark.parametrize("tier", ["dev", "staging"])
def test_what_a_tier_does_not_ask_is_not_mended_there(tier: Tier) -> None:
    draft = good(tier)
    draft.set("balancer", "enableDeletionProtection", OFF)

    assert mended(draft, REMEDIABLE["load-balancer-protected"]) == set()


def test_what_is_waived_is_not_mended() -> None:
    draft = kept_too_short()
    waive(FARGATE, "log-retention", component=f"{FARGATE}-logs")(draft)

    assert mended(draft, REMEDIABLE["log-retention"]) == set()


def test_what_a_refused_waiver_does_not_cover_is_mended() -> None:
    draft = kept_too_short()
    waive(FARGATE, "log-retention", approver="news")(draft)

    assert mended(draft, REMEDIABLE["log-retention"]) == {(kinds.LOG_GROUP, "retentionInDays")}


def test_a_rule_that_the_config_disables_is_not_mended() -> None:
    (rule,) = remediable(with_levels([REMEDIABLE["log-retention"]], {"log-retention": "disabled"}))

    assert mended(kept_too_short(), rule) == set()


def test_what_is_not_known_yet_is_not_mended() -> None:
    draft = good()
    draft.set(FUNCTION, "tracingConfig.mode", "04da6b54-80e4-46f7-96ec-b56ff0331ba9")

    assert mended(draft, REMEDIABLE["active-tracing"]) == set()


@pytest.mark.parametrize("database", [CLUSTER, MEMBERS[0]])
def test_encrypting_a_database_is_left_to_people_because_it_makes_a_new_one(database: str) -> None:
    draft = good()
    draft.set(database, "storageEncrypted", OFF)

    assert mended(draft, REMEDIABLE["store-encrypted"]) == set()


def test_a_resource_of_no_component_is_mended_by_the_tier_that_the_first_one_states() -> None:
    draft = good("dev")
    draft.set(TABLE, "deletionProtectionEnabled", OFF)
    draft.nodes[TABLE].parent = "stack"
    assert mended(draft, REMEDIABLE["store-protected"]) == set()

    for name in (FARGATE, LAMBDA, MODEL):
        draft.set(name, "tier", "prod")
    assert mended(draft, REMEDIABLE["store-protected"]) == {(kinds.TABLE, "deletionProtectionEnabled")}


def test_the_tags_of_app_runner_are_left_to_its_team_because_one_may_move() -> None:
    draft = with_web("prod")
    draft.set(f"{RUNNER}-repository", "imageTagMutability", "MUTABLE")
    draft.set(f"{EXPRESS}-repository", "imageTagMutability", "MUTABLE")

    mended(draft, REMEDIABLE["image-tags-immutable"])

    assert draft.raw(f"{RUNNER}-repository")["imageTagMutability"] == "MUTABLE"
    assert draft.raw(f"{EXPRESS}-repository")["imageTagMutability"] == "IMMUTABLE"


@pytest.mark.parametrize(
    ("inputs", "path", "expected"),
    [
        ({}, "a", {"a": ON}),
        ({"b": 1}, "a.c", {"a": {"c": ON}, "b": 1}),
        ({"a": None}, "a.c", {"a": {"c": ON}}),
        ({"a": [{"c": 1}, {"c": 2}]}, "a.1.c", {"a": [{"c": 1}, {"c": ON}]}),
        ({"a": [{"name": "x"}, {"name": "y"}]}, "a.y.c", {"a": [{"name": "x"}, {"name": "y", "c": ON}]}),
        ({"a": '[{"name": "y", "z": null}]'}, "a.y.c", {"a": '[{"name": "y", "z": null, "c": true}]'}),
    ],
)
def test_a_value_is_put_where_the_path_leads(inputs: dict[str, Any], path: str, expected: dict[str, Any]) -> None:
    assert put(inputs, path, ON)
    assert inputs == expected


@pytest.mark.parametrize("inner", [[], [{"name": "x"}], "no JSON", "7", 7, '[{"name": "x"}]'])
def test_where_the_path_leads_nowhere_nothing_is_changed(inner: Any) -> None:
    inputs = {"a": inner}

    assert not put(inputs, "a.y.c", ON)
    assert inputs == {"a": inner}
