"""What the rules about stores ask of whom."""

from datetime import date

import pytest

from policies.judge import judge
from tests.policies.breaks import OFF, gone, put
from tests.policies.draft import Change
from tests.policies.golden import FARGATE, good
from tests.policies.golden_stores import CLUSTER, INSTANCE, MEMBERS, TABLE

TODAY = date(2026, 7, 1)


@pytest.mark.parametrize(
    "change",
    [
        put(INSTANCE, "multiAz", OFF),
        put(TABLE, "deletionProtectionEnabled", OFF),
        put(CLUSTER, "deletionProtection", OFF),
        gone(MEMBERS[1], f"{CLUSTER}-AuroraReplicaLag"),
    ],
)
def test_dev_may_be_in_one_zone_and_be_thrown_away(change: Change) -> None:
    draft = good("dev")
    change(draft)

    assert judge(draft.graph(), TODAY).violations == ()


def test_the_cpu_alarm_of_a_database_is_not_that_of_its_service() -> None:
    draft = good()
    draft.drop(f"{FARGATE}-CPUUtilization")

    assert "alarm-missing" in {violation.rule for violation in judge(draft.graph(), TODAY).violations}


def test_a_service_without_databases_has_no_users_that_alternate() -> None:
    verdict = judge(good().graph(), TODAY).verdicts["thumbnails"]["SECR-5"]

    assert verdict.verdict == "not-applicable"
