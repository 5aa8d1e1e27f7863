from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.world.api import WorldError
from simulator.world.latency import draw, percentile, share_up_to, total_ms
from simulator.world.traffic import Quality, bursts, constant, ramp, recorded, wave
from tests.simulator.world.scene import shop


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        (constant(5), [5, 5, 5, 5, 5, 5]),
        (ramp(0, 30, 3), [0, 10, 20, 30, 30, 30]),
        (wave(100, 50, 4), [100, 150, 100, 50, 100, 150]),
        (bursts(1, peak=9, every=3, minutes=2), [9, 9, 1, 9, 9, 1]),
        (recorded([4, 2]), [4, 2, 4, 2, 4, 2]),
    ],
)
def test_requests_follow_their_script(script: object, expected: list[int]) -> None:
    assert callable(script)
    assert [script(minute) for minute in range(6)] == expected


@given(
    median=st.floats(5, 500),
    spread=st.floats(1.2, 20),
    percent=st.floats(0, 100),
    seed=st.integers(0, 2**32),
)
def test_percentile_and_share_are_each_others_inverse(median: float, spread: float, percent: float, seed: int) -> None:
    histogram = draw(np.random.default_rng(seed), 1_000, median_ms=median, p99_ms=median * spread)
    assert histogram.sum() == 1_000
    assert share_up_to(histogram, percentile(histogram, percent)) == pytest.approx(percent, abs=0.05)


def test_latencies_have_the_median_the_p99_and_the_mean_that_were_asked_for() -> None:
    histogram = draw(np.random.default_rng(1), 1_000_000, median_ms=40, p99_ms=400)
    assert percentile(histogram, 50) == pytest.approx(40, rel=0.02)
    assert percentile(histogram, 99) == pytest.approx(400, rel=0.02)
    assert share_up_to(histogram, 400) == pytest.approx(99, abs=0.05)
    assert total_ms(histogram) / 1_000_000 == pytest.approx(40 * np.exp(0.5 * (np.log(10) / 2.3263) ** 2), rel=0.02)


def test_the_weights_in_force_split_the_requests() -> None:
    one = shop(script=constant(10_000))
    one.world.elbv2.set_weights(one.rule.arn, {one.blue.arn: 3, one.green.arn: 1})
    one.world.clock.advance(33)
    green = one.read("RequestCount", "Sum", one.green)[1:31]
    blue = one.read("RequestCount", "Sum", one.blue)[1:31]
    assert [a + b for a, b in zip(blue, green, strict=True)] == [10_000] * 30
    assert sum(green) == pytest.approx(75_000, rel=0.02)
    assert len(set(green)) > 20  # chance, not arithmetic


def test_a_new_weight_is_in_force_only_after_the_load_balancer_has_passed_it_on() -> None:
    one = shop(script=constant(60_000))
    one.world.clock.advance(1)
    one.world.clock.sleep(22)
    one.world.client("elbv2").modify_rule(RuleArn=one.rule.arn, Actions=one.forward(0, 100))
    one.world.clock.advance(5)
    blue = one.read("RequestCount", "Sum", one.blue)
    assert blue[1] == pytest.approx(30_000, rel=0.03)  # 22 s until the call, 8 s until it is in force
    assert blue[2:] == []


def test_errors_and_latency_are_the_revisions_and_may_change_after_its_first_request() -> None:
    one = shop()
    good, bad = Quality(error_rate=0.0, p99_ms=200), Quality(error_rate=0.5, p99_ms=2_000)
    one.world.traffic.behave("green", good, (3, bad))
    one.world.clock.advance(2)
    one.world.client("elbv2").modify_rule(RuleArn=one.rule.arn, Actions=one.forward(50, 50))
    one.world.clock.advance(15)
    errors = one.read("HTTPCode_Target_5XX_Count", "Sum", one.green)
    slow = one.read("TargetResponseTime", "p99", one.green)
    assert len(errors) == 15 - 3 - 1
    assert sum(errors[:10]) == pytest.approx(1_500, rel=0.1)
    assert max(slow[:3]) < 0.5 < min(slow[3:])
    assert one.read("HTTPCode_Target_5XX_Count", "Sum", one.blue) == []


def test_a_target_group_without_targets_answers_nobody() -> None:
    one = shop()
    one.green.deregister("green-1")
    one.world.elbv2.set_weights(one.rule.arn, {one.blue.arn: 1, one.green.arn: 1})
    one.world.clock.advance(12)
    assert one.read("RequestCount", "Sum", one.green) == []
    balancer = one.rule.load_balancer_dimension
    answer = one.world.client("cloudwatch").get_metric_data(
        MetricDataQueries=[
            {
                "Id": "refused",
                "MetricStat": {
                    "Metric": {
                        "Namespace": "AWS/ApplicationELB",
                        "MetricName": "HTTPCode_ELB_5XX_Count",
                        "Dimensions": [{"Name": "LoadBalancer", "Value": balancer}],
                    },
                    "Period": 600,
                    "Stat": "Sum",
                },
            }
        ],
        StartTime=one.world.clock.now() - timedelta(minutes=12),
        EndTime=one.world.clock.now(),
    )
    assert sum(answer["MetricDataResults"][0]["Values"]) == pytest.approx(3_600, rel=0.15)


def test_a_revision_of_which_nobody_said_how_it_behaves_is_an_error() -> None:
    one = shop()
    one.blue.register("stranger-1", "stranger")
    with pytest.raises(WorldError, match="how stranger behaves"):
        one.world.clock.advance(2)
