"""What an update has built is what is live, when it differs in nothing but its number."""

from collections.abc import Callable

import pytest

from rollouts.aws import Aws
from rollouts.same import is_live
from simulator.world.world import World
from stacks.targets import AliasTarget, CodeDeployTarget, Target
from tests.rollouts.stage import Stage
from tests.rollouts.stages import alias_stage, balancer_stage
from tests.rollouts.stages_codedeploy import function_stage, task_set_stage
from tests.rollouts.stages_ecs import ecs_stage
from tests.rollouts.stages_sagemaker import variants_stage


def asked(stage: Stage, built: Target, live: str) -> bool:
    return is_live(Aws(stage.world.client, stage.world.clock), built, live)


def tasks(world: World, image: str) -> str:
    return world.ecs.add_task_definition("news-api", image).arn


def test_a_task_definition_with_the_same_containers_is_the_same() -> None:
    stage = balancer_stage()
    old, same, other = (tasks(stage.world, f"registry/news-api@sha256:0{digit}") for digit in (1, 1, 3))
    assert asked(stage, stage.target.model_copy(update={"revision": same}), old)
    assert not asked(stage, stage.target.model_copy(update={"revision": other}), old)


@pytest.mark.parametrize("kind", [alias_stage, function_stage])
def test_a_version_with_the_same_code_and_settings_is_the_same(kind: Callable[[], Stage]) -> None:
    stage = kind()
    assert isinstance(stage.target, AliasTarget | CodeDeployTarget)
    function = stage.world.lambda_.add_function(stage.target.function)
    old, same, code, role = (
        function.publish(code="a"),
        function.publish(code="a"),
        function.publish(code="b"),
        function.publish(code="a", role="other"),
    )
    found = [asked(stage, stage.target.model_copy(update={"revision": each}), old) for each in (old, same, code, role)]
    assert found == [True, True, False, False]


@pytest.mark.parametrize("kind", [alias_stage, balancer_stage, task_set_stage])
def test_nothing_is_the_same_as_no_single_version(kind: Callable[[], Stage]) -> None:
    stage = kind()
    assert not asked(stage, stage.target, "")


def test_where_an_update_begins_a_deployment_another_number_is_another_version() -> None:
    stage = ecs_stage()
    old, same = (tasks(stage.world, "registry/shop@sha256:01") for _ in range(2))
    assert not asked(stage, stage.target.model_copy(update={"revision": same}), old)


def test_a_configuration_with_the_same_instances_and_models_with_the_same_data_is_the_same() -> None:
    stage = variants_stage()
    sagemaker = stage.world.sagemaker
    first, same, other = (
        sagemaker.add_model(name, data=data) for name, data in (("model-1", "a"), ("model-2", "a"), ("model-3", "b"))
    )
    live = sagemaker.add_config("live", {"main": first})
    configs = [
        live,
        sagemaker.add_config("again", {"main": same}),
        sagemaker.add_config("data", {"main": other}),
        sagemaker.add_config("size", {"main": same}, instances=3),
    ]
    found = [asked(stage, stage.target.model_copy(update={"revision": each}), live) for each in configs]
    assert found == [True, True, False, False]
