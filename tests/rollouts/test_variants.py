"""A SageMaker endpoint with two variants, whose weights Onramp moves."""

from datetime import timedelta
from typing import Any

import pytest

from rollouts import control
from rollouts.errors import Refused
from rollouts.record import Rollout
from simulator.world.faults import Kind
from stacks.naming import fingerprint
from tests.rollouts.stage import Stage
from tests.rollouts.stages import BAD, GOOD
from tests.rollouts.stages_sagemaker import CAPTURE, ENDPOINT, NEW, OLD, config, variants_stage

CANDIDATE = f"candidate-{fingerprint(NEW)}"


def shifted(stage: Stage) -> list[float]:
    return [float(str(event.data["weight"])) for event in stage.events() if event.kind == "shifted"]


def asked(stage: Stage, operation: str) -> list[dict[str, Any]]:
    return [call.params for call in stage.world.calls if call.operation == operation]


def no_config_is_left(stage: Stage) -> bool:
    made = [str(each["EndpointConfigName"]) for each in asked(stage, "CreateEndpointConfig")]
    return len(set(made)) == 1 and not stage.world.sagemaker.has_config(made[0])


def weigh(stage: Stage, main: float, candidate: float) -> None:
    """Somebody else does."""
    weights = {"main": main, CANDIDATE: candidate}
    stage.world.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=ENDPOINT,
        DesiredWeightsAndCapacities=[
            {"VariantName": variant, "DesiredWeight": weight} for variant, weight in weights.items()
        ],
    )


def grow(stage: Stage, instances: int) -> None:
    """Autoscaling does."""
    stage.world.client("sagemaker").update_endpoint_weights_and_capacities(
        EndpointName=ENDPOINT, DesiredWeightsAndCapacities=[{"VariantName": "main", "DesiredInstanceCount": instances}]
    )


class TestGoodVersion:
    @pytest.fixture(scope="class")
    @staticmethod
    def ended() -> tuple[Stage, Rollout]:
        stage = variants_stage(steps=(5, 25, 50, 100))
        stage.world.sagemaker.endpoint(ENDPOINT).fleet.variants["main"].instances = 4
        stage.world.sagemaker.endpoint(ENDPOINT).fleet.variants["main"].desired_instances = 4
        return stage, stage.start()

    def test_it_is_promoted_step_by_step(self, ended: tuple[Stage, Rollout]) -> None:
        stage, rollout = ended
        assert (rollout.ending, rollout.note) == ("promoted", "")
        assert shifted(stage) == [5, 25, 50, 100]

    def test_the_endpoint_has_its_configuration_and_no_other_is_left(self, ended: tuple[Stage, Rollout]) -> None:
        stage, _ = ended
        assert config(stage) == NEW
        assert no_config_is_left(stage)

    def test_the_configuration_of_both_has_all_settings_and_as_many_instances(
        self, ended: tuple[Stage, Rollout]
    ) -> None:
        (made,) = asked(ended[0], "CreateEndpointConfig")
        variants: list[dict[str, Any]] = made["ProductionVariants"]
        assert made["DataCaptureConfig"] == CAPTURE
        assert [(each["VariantName"], each["ModelName"], each["InitialVariantWeight"]) for each in variants] == [
            ("main", "churn-1", 100),
            (CANDIDATE, "churn-2", 0),
        ]
        assert variants[1]["InitialInstanceCount"] == 4

    def test_autoscaling_has_not_lost_its_instances(self, ended: tuple[Stage, Rollout]) -> None:
        assert ended[0].world.sagemaker.endpoint(ENDPOINT).fleet.variants["main"].instances == 4


class TestBadVersion:
    @pytest.fixture(scope="class")
    @staticmethod
    def ended() -> tuple[Stage, Rollout]:
        stage = variants_stage(BAD)
        return stage, stage.start()

    def test_it_is_stopped_at_the_first_step(self, ended: tuple[Stage, Rollout]) -> None:
        stage, rollout = ended
        assert rollout.ending == "aborted"
        assert shifted(stage) == [20]

    def test_the_weight_is_zero_in_the_very_next_call(self, ended: tuple[Stage, Rollout]) -> None:
        operations = ended[0].operations()
        last_read = max(at for at, name in enumerate(operations) if name == "cloudwatch.GetMetricData")
        assert operations[last_read + 1] == "sagemaker.UpdateEndpointWeightsAndCapacities"
        assert asked(ended[0], "UpdateEndpointWeightsAndCapacities")[-1]["DesiredWeightsAndCapacities"] == [
            {"VariantName": "main", "DesiredWeight": 100},
            {"VariantName": CANDIDATE, "DesiredWeight": 0},
        ]

    def test_everything_is_as_it_was(self, ended: tuple[Stage, Rollout]) -> None:
        stage, _ = ended
        assert config(stage) == OLD
        assert no_config_is_left(stage)

    def test_one_that_does_not_start_never_gets_a_request(self) -> None:
        stage = variants_stage(starts=False)
        rollout = stage.start()
        assert rollout.ending == "aborted"
        assert "does not start" in rollout.reason
        assert shifted(stage) == []
        assert config(stage) == OLD
        assert no_config_is_left(stage)


class TestRefusals:
    def test_an_endpoint_that_sagemaker_is_changing(self) -> None:
        stage = variants_stage()
        stage.world.sagemaker.update(ENDPOINT, NEW)
        with pytest.raises(Refused, match="is changing the endpoint"):
            stage.start()
        assert stage.record() is None

    def test_an_endpoint_that_is_not_there(self) -> None:
        stage = variants_stage()
        stage.target = stage.target.model_copy(update={"endpoint": "nowhere"})
        with pytest.raises(Refused, match="no endpoint nowhere"):
            stage.start()

    def test_several_variants(self) -> None:
        stage = variants_stage()
        stage.world.sagemaker.add_config("two", {"main": "churn-1", "other": "churn-2"})
        stage.world.sagemaker.update(ENDPOINT, "two")
        stage.world.clock.advance(10)
        with pytest.raises(Refused, match="main, other"):
            stage.start()

    def test_a_live_configuration_to_which_nobody_could_go_back(self) -> None:
        stage = variants_stage()
        stage.world.sagemaker.lose_config(OLD)
        with pytest.raises(Refused, match="no way back"):
            stage.start()

    def test_a_candidate_without_a_configuration_is_taken_back(self) -> None:
        stage = variants_stage()
        stage.target = stage.target.model_copy(update={"revision": "nowhere"})
        stage.build = lambda: stage.target
        rollout = stage.start()
        assert rollout.ending == "aborted"
        assert "nowhere is no endpoint configuration" in rollout.reason


@pytest.mark.parametrize("kind", ["throttle", "unavailable", "lost", "repeated"])
@pytest.mark.parametrize(
    "operation",
    [
        "CreateEndpointConfig",
        "UpdateEndpoint",
        "UpdateEndpointWeightsAndCapacities",
        "DescribeEndpoint",
        "DeleteEndpointConfig",
    ],
)
def test_one_call_that_goes_wrong_changes_nothing(kind: Kind, operation: str) -> None:
    stage = variants_stage()
    stage.world.faults.on(kind, f"sagemaker.{operation}")
    assert stage.start().ending == "promoted"
    assert shifted(stage) == [20, 100]
    assert config(stage) == NEW
    assert no_config_is_left(stage)


class TestSomebodyElse:
    def test_weights_that_he_moves_are_left_alone_and_the_rollout_held(self) -> None:
        stage = variants_stage(steps=(5, 100), minutes=10)
        stage.world.clock.after(400, lambda: weigh(stage, 60, 40))
        rollout = stage.start()
        assert rollout.hold is not None
        assert "40 %" in rollout.hold.reason
        assert config(stage) not in {OLD, NEW}

    def test_traffic_that_he_takes_back_ends_it(self) -> None:
        stage = variants_stage(steps=(5, 100), minutes=10)
        stage.world.clock.after(400, lambda: weigh(stage, 100, 0))
        rollout = stage.start()
        assert rollout.ending == "aborted"
        assert "moved back" in rollout.reason
        assert config(stage) == OLD

    def test_an_endpoint_that_he_gives_the_live_configuration_ends_it(self) -> None:
        stage = variants_stage(steps=(5, 100), minutes=10)
        stage.world.clock.after(400, lambda: stage.world.sagemaker.update(ENDPOINT, OLD))
        rollout = stage.start()
        assert rollout.ending == "aborted"
        assert config(stage) == OLD

    def test_instances_that_autoscaling_adds_meanwhile_only_make_a_step_wait(self) -> None:
        stage = variants_stage()
        stage.world.sagemaker.times.weights = 20
        tools = stage.tools()

        def add_instances_while_it_is_watched(rollout: Rollout) -> None:
            if rollout.watched_since == stage.world.clock.now() and rollout.step == 1:
                stage.world.sagemaker.times.weights = 600
                grow(stage, 6)
                stage.world.sagemaker.times.weights = 20

        journal = control.begin(stage.ledger, tools, stage.wanted(stage.outlook()))
        rollout = control.run(journal, tools, None, add_instances_while_it_is_watched)
        assert rollout.ending == "promoted"
        (settled,) = [event.at for event in stage.events() if event.kind == "settled" and event.data["weight"] == 20]
        (taken,) = [event.at for event in stage.events() if event.kind == "shifted" and event.data["weight"] == 100]
        assert taken - settled > timedelta(minutes=10)
        assert stage.world.sagemaker.endpoint(ENDPOINT).fleet.variants["main"].instances == 6


def test_an_abort_while_weights_are_on_their_way_takes_them_back_as_soon_as_sagemaker_lets_it() -> None:
    stage = variants_stage(GOOD)
    stage.world.sagemaker.times.weights = 120
    tools = stage.tools()
    journal = control.begin(stage.ledger, tools, stage.wanted(stage.outlook()))

    def stop_when_all_is_asked_for(rollout: Rollout) -> None:
        if rollout.intent == 100:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        control.run(journal, tools, None, stop_when_all_is_asked_for)
    assert stage.world.sagemaker.endpoint(ENDPOINT).status == "Updating"
    aborting = control.abort(stage.ledger, tools, stage.key, "ann", "it is wrong")
    rollout = control.run(aborting, tools, None, lambda _: None)
    assert rollout.ending == "aborted"
    assert config(stage) == OLD
    assert no_config_is_left(stage)
