from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import (  # pyright: ignore[reportMissingTypeStubs] - botocore has no types
    ClientError,
)

from simulator.world.alarms import Condition, Missing
from simulator.world.api import WorldError
from simulator.world.metrics import Datum, Metric
from simulator.world.traffic import Quality, constant, recorded
from simulator.world.world import World
from tests.simulator.world.scene import START, Shop, shop

JOBS = Metric.of("Shop", "Jobs", {"Queue": "a"})


def query(name: str = "Jobs", **more: Any) -> dict[str, Any]:
    metric = {"Namespace": "Shop", "MetricName": name, "Dimensions": [{"Name": "Queue", "Value": "a"}]}
    return {"Id": "a", "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}, **more}


def data(world: World, *queries: dict[str, Any], **more: Any) -> dict[str, Any]:
    times = {"StartTime": START, "EndTime": START + timedelta(hours=1), "ScanBy": "TimestampAscending", **more}
    return world.client("cloudwatch").get_metric_data(MetricDataQueries=list(queries), **times)


def jobs(world: World, *numbers: int) -> None:
    for minute, number in enumerate(numbers):
        world.metrics.record(START + timedelta(minutes=minute), JOBS, Datum.count(number))


class TestStatistics:
    def test_counts(self, a_shop: Shop) -> None:
        a_shop.world.clock.advance(5)
        assert a_shop.read("RequestCount", "Sum", a_shop.blue) == [600.0] * 4
        assert a_shop.read("RequestCount", "SampleCount", a_shop.blue, period=120)[0] == 1_200

    def test_percentiles_and_ranks_of_one_period_agree(self, a_shop: Shop) -> None:
        a_shop.world.clock.advance(30)
        (p99,) = a_shop.read("TargetResponseTime", "p99", a_shop.blue, period=3_600)
        assert p99 == pytest.approx(0.25, rel=0.1)
        (rank,) = a_shop.read("TargetResponseTime", f"PR(:{p99})", a_shop.blue, period=3_600)
        assert rank == pytest.approx(99, abs=0.01)
        (above,) = a_shop.read("TargetResponseTime", f"PR({p99}:)", a_shop.blue, period=3_600)
        assert above == pytest.approx(1, abs=0.01)
        (between,) = a_shop.read("TargetResponseTime", f"PR(0.05:{p99})", a_shop.blue, period=3_600)
        assert between == pytest.approx(49, abs=1)  # the median is 0.05 s

    def test_a_longer_period_is_not_the_mean_of_the_short_ones(self) -> None:
        one = shop(script=recorded([10, 5_000]))
        one.world.clock.advance(4)
        one.world.traffic.behave("blue", Quality(p99_ms=2_500))
        one.world.clock.advance(60)
        short = one.read("TargetResponseTime", "p99", one.blue)
        (long,) = one.read("TargetResponseTime", "p99", one.blue, period=3_600)
        assert long > 2 * sum(short[:4]) / 4

    def test_average_maximum_and_minimum(self, a_shop: Shop) -> None:
        a_shop.world.clock.advance(3)
        least, mean, most = (
            a_shop.read("TargetResponseTime", stat, a_shop.blue)[0] for stat in ("Minimum", "Average", "Maximum")
        )
        assert least < 0.05 < mean < 0.25 < most

    @pytest.mark.parametrize("stat", ["p101", "99", "PR(:)", "Median"])
    def test_a_statistic_that_does_not_exist_is_refused(self, a_shop: Shop, stat: str) -> None:
        a_shop.world.clock.advance(3)
        with pytest.raises(ClientError, match="not supported"):
            a_shop.read("TargetResponseTime", stat, a_shop.blue)


class TestPoints:
    def test_a_count_that_is_zero_is_absent(self) -> None:
        one = shop(script=recorded([0, 10]), blue=Quality(error_rate=0.0))
        one.world.clock.advance(10)
        assert one.read("RequestCount", "Sum", one.blue) == [10.0] * 4
        assert one.read("HTTPCode_Target_5XX_Count", "Sum", one.blue) == []
        assert one.read("HealthyHostCount", "Maximum", one.blue) == [1.0] * 9

    def test_a_minute_is_whole_only_some_time_after_its_end(self) -> None:
        one = shop(script=constant(1_000))
        seen = list[list[float]]()
        for _ in range(5):
            one.world.clock.sleep(30)
            seen.append(one.read("RequestCount", "Sum", one.blue))
        assert seen == [[], [], [500.0], [1_000.0], [1_000.0, 500.0]]

    def test_points_come_late_by_script(self, world: World) -> None:
        world.metrics.late("Jobs", minutes=1, seconds=300)
        jobs(world, 5, 6)
        world.clock.advance(4)
        assert data(world, query())["MetricDataResults"][0]["Timestamps"] == [START + timedelta(minutes=1)]
        world.clock.advance(3)
        assert data(world, query())["MetricDataResults"][0]["Values"] == [5, 6]

    def test_points_are_missing_by_script(self, world: World) -> None:
        world.metrics.missing("", minutes=1)
        jobs(world, 5, 6)
        world.clock.advance(60)
        assert data(world, query())["MetricDataResults"][0]["Values"] == [6]

    def test_a_count_has_no_percentiles(self, world: World) -> None:
        jobs(world, 5)
        world.clock.advance(5)
        asked = query()
        asked["MetricStat"]["Stat"] = "p99"
        assert data(world, asked)["MetricDataResults"][0]["Values"] == []


class TestAnswers:
    def test_the_newest_point_comes_first_unless_it_is_asked_otherwise(self, world: World) -> None:
        jobs(world, 1, 2, 3)
        world.clock.advance(10)
        assert data(world, query(), ScanBy="TimestampDescending")["MetricDataResults"][0]["Values"] == [3, 2, 1]

    def test_the_end_is_not_part_of_the_time_asked_for(self, world: World) -> None:
        jobs(world, 1, 2, 3)
        world.clock.advance(10)
        answer = data(world, query(), StartTime=START + timedelta(seconds=70), EndTime=START + timedelta(minutes=2))
        assert answer["MetricDataResults"][0]["Values"] == [2]

    def test_pages_end_in_the_middle_of_a_metric_and_say_so(self, world: World) -> None:
        jobs(world, 1, 2, 3)
        world.clock.advance(10)
        first, second = query(), query(Id="b")
        page = data(world, first, second, MaxDatapoints=2)
        assert [(one["Values"], one["StatusCode"]) for one in page["MetricDataResults"]] == [([1, 2], "PartialData")]
        page = data(world, first, second, MaxDatapoints=2, NextToken=page["NextToken"])
        assert [(one["Id"], one["Values"], one["StatusCode"]) for one in page["MetricDataResults"]] == [
            ("a", [3], "Complete"),
            ("b", [1], "PartialData"),
        ]

    def test_a_paginator_finds_every_point_once(self, world: World) -> None:
        jobs(world, *range(1, 10))
        world.clock.advance(20)
        for size in range(1, 20):
            pages = (
                world.client("cloudwatch")
                .get_paginator("get_metric_data")
                .paginate(
                    MetricDataQueries=[query(), query(Id="b")],
                    StartTime=START,
                    EndTime=START + timedelta(hours=1),
                    MaxDatapoints=size,
                )
            )
            found = [
                (one["Id"], value) for page in pages for one in page["MetricDataResults"] for value in one["Values"]
            ]
            assert sorted(found) == [(name, float(value)) for name in "ab" for value in range(1, 10)]

    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ({"MetricDataQueries": [query(), query()]}, "unique"),
            ({"MetricDataQueries": [query(Id="A")]}, "Id"),
            ({"EndTime": START}, "less than"),
            ({"NextToken": "9/0"}, "token"),
        ],
    )
    def test_bad_input_is_refused(self, world: World, wrong: dict[str, Any], message: str) -> None:
        request = {"MetricDataQueries": [query()], "StartTime": START, "EndTime": START + timedelta(hours=1), **wrong}
        with pytest.raises(ClientError, match=message):
            world.client("cloudwatch").get_metric_data(**request)

    def test_a_period_is_whole_minutes(self, world: World) -> None:
        asked = query()
        asked["MetricStat"]["Period"] = 90
        with pytest.raises(ClientError, match="multiple of 60"):
            data(world, asked)

    def test_metric_math_is_a_loud_error(self, world: World) -> None:
        with pytest.raises(WorldError, match="no metric math: a/b"):
            data(world, {"Id": "c", "Expression": "a/b"})


def condition(shop: Shop, **more: Any) -> Condition:
    dimensions = {one["Name"]: one["Value"] for one in shop.dimensions(shop.blue)}
    metric = Metric.of("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", dimensions)
    given: dict[str, Any] = {"metric": metric, "stat": "Sum", "threshold": 30, **more}
    return Condition(**given)


def state(shop: Shop, name: str = "errors") -> str:
    answer = shop.world.client("cloudwatch").describe_alarms(
        AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    return (answer["MetricAlarms"] + answer["CompositeAlarms"])[0]["StateValue"]


class TestAlarms:
    def test_an_alarm_fires_when_enough_of_its_last_periods_breach_and_recovers(self) -> None:
        one = shop(blue=Quality(error_rate=0.2))
        one.world.alarms.add("errors", condition(one, evaluation_periods=3, datapoints_to_alarm=2))
        states = list[str]()
        for _ in range(4):
            states.append(state(one))
            one.world.clock.advance(1)
        assert states == ["INSUFFICIENT_DATA", "INSUFFICIENT_DATA", "OK", "ALARM"]
        one.world.traffic.behave("blue", Quality(error_rate=0.01))
        one.world.clock.advance(5)
        assert state(one) == "OK"

    @pytest.mark.parametrize(
        ("treat", "expected"),
        [("missing", "INSUFFICIENT_DATA"), ("ignore", "ALARM"), ("breaching", "ALARM"), ("notBreaching", "OK")],
    )
    def test_missing_data_is_treated_as_the_alarm_says(self, treat: Missing, expected: str) -> None:
        one = shop(script=lambda minute: 600 if minute < 5 else 0, blue=Quality(error_rate=0.2))
        one.world.alarms.add("errors", condition(one, treat_missing_data=treat))
        one.world.clock.advance(5)
        assert state(one) == "ALARM"
        one.world.clock.advance(5)
        assert state(one) == expected

    def test_a_held_alarm_ignores_its_metric_until_it_is_released(self, a_shop: Shop) -> None:
        a_shop.world.alarms.add("errors", condition(a_shop, treat_missing_data="notBreaching"))
        a_shop.world.alarms.hold("errors", "ALARM")
        a_shop.world.clock.advance(5)
        assert state(a_shop) == "ALARM"
        a_shop.world.alarms.release("errors")
        a_shop.world.clock.advance(1)
        assert state(a_shop) == "OK"

    def test_a_composite_fires_when_any_member_does(self, a_shop: Shop) -> None:
        alarms = a_shop.world.alarms
        alarms.add("errors", condition(a_shop, treat_missing_data="notBreaching"))
        alarms.add("by-hand")
        alarms.add("any", members=frozenset({"errors", "by-hand"}))
        a_shop.world.clock.advance(1)
        assert state(a_shop, "any") == "INSUFFICIENT_DATA"
        alarms.hold("by-hand", "ALARM")
        a_shop.world.clock.advance(1)
        assert state(a_shop, "any") == "ALARM"
        alarms.hold("by-hand", "OK")
        a_shop.world.clock.advance(1)
        assert state(a_shop, "any") == "OK"
        alarms.hold("any", "ALARM")
        a_shop.world.clock.advance(1)
        assert state(a_shop, "any") == "ALARM"

    def test_composite_alarms_are_described_only_when_they_are_asked_for(self, a_shop: Shop) -> None:
        a_shop.world.alarms.add("any", members=frozenset({"by-hand"}))
        a_shop.world.alarms.add("by-hand")
        client = a_shop.world.client("cloudwatch")
        assert client.describe_alarms()["CompositeAlarms"] == []
        (composite,) = client.describe_alarms(AlarmTypes=["CompositeAlarm"])["CompositeAlarms"]
        assert composite["AlarmRule"] == 'ALARM("by-hand")'

    def test_an_alarm_is_described_as_it_was_made(self, a_shop: Shop) -> None:
        a_shop.world.alarms.add("slow", condition(a_shop, stat="p99", threshold=0.5))
        a_shop.world.alarms.add("other")
        (alarm,) = a_shop.world.client("cloudwatch").describe_alarms(AlarmNamePrefix="sl")["MetricAlarms"]
        assert (alarm["ExtendedStatistic"], alarm["Threshold"], alarm["Period"]) == ("p99", 0.5, 60)
        assert {"Name": "TargetGroup", "Value": a_shop.blue.dimension} in alarm["Dimensions"]
        assert "Statistic" not in alarm
