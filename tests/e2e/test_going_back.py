"""Back to an earlier version with a plain `pulumi up`, where SageMaker keeps what cannot be changed."""

from typing import Final

import pytest

from tests.e2e.conftest import MakeProject
from tests.e2e.rolling import STACK, Ground, ground_of
from tests.e2e.twins import Account
from tests.rollouts.stages import BAD, GOOD

MODEL: Final = (
    "{package: churn, repository: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/churn, data: s3://models/churn/}"
)
STEPPED: Final = f"""\
churn: {{compute: sagemaker, model: {MODEL}, rollout: {{strategy: stepped, steps: [20, 100], stepMinutes: 1}}}}
"""
UPDATED: Final = f"""\
churn:
  compute: sagemaker
  model: {MODEL}
  scaling: {{min: 2, max: 4}}
  rollout: {{strategy: canary, percent: 50, intervalMinutes: 5}}
nightly:
  compute: sagemaker
  form: batch
  model: {MODEL}
  batch: {{schedule: rate(1 day), input: s3://inbox/new/}}
"""
SAGEMAKER_MODEL: Final = "aws:sagemaker/model:Model"
ENDPOINT: Final = "aws:sagemaker/endpoint:Endpoint"
SCHEDULE: Final = "aws:scheduler/schedule:Schedule"


def names(ground: Ground, stem: str) -> set[str]:
    """Of the models that AWS has of a service."""
    models = (each for each in ground.project.things().values() if each["kind"] == SAGEMAKER_MODEL)
    return {name for each in models if (name := str(each["properties"]["name"])).startswith(stem)}


def config_of(ground: Ground) -> str:
    """The configuration that the endpoint has."""
    return str(Account(ground.project).find(ENDPOINT, "name", "dev-churn")["endpointConfigName"])


def deploy(ground: Ground) -> None:
    """A `pulumi up` of the stack file as it is now."""
    ground.project.onramp("deploy", STACK, "--json").ended(0)


def test_after_an_abort_the_former_version_is_put_back_and_the_next_one_rolled_out(make_project: MakeProject) -> None:
    ground = ground_of(make_project, STEPPED, "churn")
    former = ground.images["churn"]
    aborted = ground.roll_out("churn", BAD).rollout
    assert aborted.ending == "aborted"

    ground.put("churn", former)
    deploy(ground)

    assert config_of(ground) == aborted.live
    assert len(names(ground, "dev-churn-model-")) == 3
    assert ground.planned("--refresh") == {}

    promoted = ground.roll_out("churn", GOOD).rollout

    assert (promoted.ending, promoted.note, promoted.live) == ("promoted", "", aborted.live)
    assert config_of(ground) == promoted.candidate
    assert ground.planned() == {}


@pytest.fixture(scope="module")
def updated(make_project: MakeProject) -> Ground:
    return ground_of(make_project, UPDATED, "churn", "nightly")


def test_an_endpoint_that_sagemaker_updates_goes_back_by_an_update(updated: Ground) -> None:
    former, configs = updated.images["churn"], [config_of(updated)]

    for version in ("8", former):
        updated.put("churn", version)
        deploy(updated)
        configs.append(config_of(updated))

    assert len(set(configs)) == 3
    assert len(names(updated, "dev-churn-model-")) == 3
    assert updated.planned("--refresh") == {}


def test_the_next_job_of_a_batch_has_the_former_model_again(updated: Ground) -> None:
    former = updated.images["nightly"]

    for version in ("8", former):
        before = names(updated, "dev-nightly-model-")
        updated.put("nightly", version)
        deploy(updated)
        (made,) = names(updated, "dev-nightly-model-") - before
        target = Account(updated.project).find(SCHEDULE, "name", "dev-nightly-transform")["target"]
        assert f'"ModelName":"{made}"' in target["input"]

    assert updated.planned("--refresh") == {}
