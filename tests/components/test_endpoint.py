"""The resources of a model on SageMaker: what it runs, how it is guarded, and what a new version changes."""

from collections.abc import Mapping
from typing import Final

import pytest

from simulator.graph import UNKNOWN, Graph, Json
from simulator.outputs import is_autonamed
from stacks import limits
from tests.components.conftest import (
    ACCOUNT,
    DIGEST,
    REGION,
    inputs,
    named,
    of,
    parsed,
    shared_graph,
    stack_text,
)
from tests.components.test_fargate import refers
from tests.components.updates import updates

MODEL: Final = "model: {package: churn, data: s3://models/churn/}"
CHURN: Final = f"churn: {{compute: sagemaker, {MODEL}}}"
FORMS: Final = """\
tenants:
  compute: sagemaker
  form: multi-model
  model: {image: '683313688378.dkr.ecr.us-east-1.amazonaws.com/xgboost:1.7-1', data: s3://models/tenants/}
steps:
  compute: sagemaker
  form: pipeline
  containers: [{image: '683313688378.dkr.ecr.us-east-1.amazonaws.com/xgboost:1.7-1'}, {data: s3://m-a/last.tar.gz}]
split:
  compute: sagemaker
  form: variants
  model: {package: churn, data: s3://models/churn/}
  variants: {champion: {weight: 9, model: {version: 3}}, challenger: {weight: 1}}
small:
  compute: sagemaker
  form: serverless
  model: {data: s3://m-a/small.tar.gz}
  secrets: [API_TOKEN]
nightly:
  compute: sagemaker
  form: batch
  model: {package: churn, version: 3, data: s3://models/churn/}
  batch: {schedule: rate(1 day), input: s3://inbox/new/}
caller: {compute: lambda, handler: app.handler, runtime: python3.13, source: ./services/thumbnails, calls: [tenants]}
"""
IMAGES: Final = {"steps": DIGEST, "split": "12", "small": DIGEST}


def churn(version: str, **environment: str) -> Graph:
    return shared_graph(stack_text(CHURN, tier="prod", images={"churn": version}, **environment))


@pytest.fixture(scope="session")
def forms() -> Graph:
    """One service of each other form, in prod."""
    return shared_graph(stack_text(FORMS, tier="prod", images=IMAGES))


def statements(graph: Graph, policy: str) -> dict[str, Mapping[str, Json]]:
    document = parsed(named(graph, policy), "policy")
    assert isinstance(document, dict)
    found = document["Statement"]
    assert isinstance(found, list)
    return {str(each["Sid"]): each for each in found if isinstance(each, dict)}


def test_a_new_version_changes_model_configuration_and_endpoint_and_nothing_else() -> None:
    assert updates(churn("12"), churn("13")) == {
        "prod-churn-model": "replace",
        "prod-churn-config": "replace",
        "churn-endpoint": "update",
    }


def test_a_new_version_of_a_batch_is_in_its_next_job(forms: Graph) -> None:
    newer = FORMS.replace("version: 3, data", "version: 4, data")
    after = shared_graph(stack_text(newer, tier="prod", images=IMAGES))

    assert updates(forms, after) == {"prod-nightly-model": "replace", "nightly-schedule": "update"}


def test_pulumi_names_models_and_configurations_and_makes_the_new_before_it_forgets_the_old() -> None:
    for name in ("prod-churn-model", "prod-churn-config"):
        made = named(churn("12"), name)
        assert is_autonamed(made.type, made.urn, made.inputs)
        assert not churn("12").wire[made.urn].options.deleteBeforeReplace


def test_their_names_say_environment_and_service_and_fit_whatever_these_are_called() -> None:
    long = "s" * limits.SERVICE_NAME_MAX
    split = FORMS.replace("split:", f"{long}:").replace("champion", "c" * 20).replace("challenger", "d" * 20)
    graph = shared_graph(stack_text(split, tier="prod", images={"steps": DIGEST, long: "12", "small": DIGEST}))
    made = [*of(graph, "model:Model", long), *of(graph, "endpointConfiguration:EndpointConfiguration", long)]
    names = [str(each.inputs["name"]) for each in made]

    assert len(set(names)) == 3
    assert all(name.startswith("prod-sss") and len(name) <= limits.NAME_SAGEMAKER for name in names)


def test_the_endpoint_shifts_half_its_fleet_first_and_back_when_an_alarm_says_so() -> None:
    graph = churn("12")
    assert inputs(named(graph, "churn-endpoint")) == {
        "name": "prod-churn",
        "endpointConfigName": named(graph, "prod-churn-config").inputs["name"],
        "deploymentConfig": {
            "autoRollbackConfiguration": {
                "alarms": [
                    {"alarmName": "prod-churn-errors"},
                    {"alarmName": "prod-churn-latency"},
                    {"alarmName": "prod-churn-brake"},
                ]
            },
            "blueGreenUpdatePolicy": {
                "trafficRoutingConfiguration": {
                    "type": "CANARY",
                    "waitIntervalInSeconds": 600,
                    "canarySize": {"type": "CAPACITY_PERCENT", "value": 50},
                },
                "terminationWaitInSeconds": 300,
                "maximumExecutionTimeoutInSeconds": 14_400,
            },
        },
    }


def test_the_model_is_the_released_package_isolated_in_the_vpc() -> None:
    graph = churn("12")
    model = inputs(named(graph, "prod-churn-model"))
    del model["name"]
    assert model == {
        "executionRoleArn": UNKNOWN,
        "primaryContainer": {
            "modelPackageName": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model-package/churn/12",
            "environment": {"ONRAMP_ENVIRONMENT": "prod"},
        },
        "enableNetworkIsolation": True,
        "vpcConfig": {"subnets": UNKNOWN, "securityGroupIds": [UNKNOWN]},
    }
    assert refers(graph, named(graph, "prod-churn-model"), "executionRoleArn") == ["churn-model-role"]


def test_two_instances_serve_and_a_tenth_of_the_requests_is_kept_under_the_key() -> None:
    graph = churn("12")
    config = inputs(named(graph, "prod-churn-config"))
    variants = config["productionVariants"]
    assert isinstance(variants, list)
    assert variants[0] == {
        "variantName": "main",
        "modelName": named(graph, "prod-churn-model").inputs["name"],
        "initialVariantWeight": 1.0,
        "instanceType": "ml.m5.large",
        "initialInstanceCount": 2,
        "containerStartupHealthCheckTimeoutInSeconds": 600,
        "modelDataDownloadTimeoutInSeconds": 600,
    }
    capture = config["dataCaptureConfig"]
    assert isinstance(capture, dict)
    bucket = named(graph, "churn-models-bucket")
    assert capture["initialSamplingPercentage"] == 10
    assert capture["destinationS3Uri"] == f"s3://{bucket.inputs['bucket']}/captured"
    assert refers(graph, named(graph, "prod-churn-config"), "kmsKeyArn") == ["prod-keys-data"]
    assert bucket.protect


def test_the_role_reads_its_prefix_and_writes_its_bucket_and_reads_no_secret() -> None:
    graph = churn("12")
    found = statements(graph, "churn-model-role-policy")
    assert found["ReadModels"]["Resource"] == ["arn:aws:s3:::models/churn/*"]
    assert found["ListModels1"]["Condition"] == {"StringLike": {"s3:prefix": ["churn/*"]}}
    assert found["Keep"]["Resource"] == [f"arn:aws:s3:::{named(graph, 'churn-models-bucket').inputs['bucket']}/*"]
    assert found["PullImage"]["Resource"] == [f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/churn/prod"]
    assert "ReadSecrets" not in found


def test_requests_scale_the_variant_between_the_bounds_of_the_tier() -> None:
    target = inputs(named(churn("12"), "churn-scaling"))
    assert target == {
        "serviceNamespace": "sagemaker",
        "scalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "resourceId": "endpoint/prod-churn/variant/main",
        "minCapacity": 2,
        "maxCapacity": 4,
    }


def test_cpu_is_judged_by_all_cores_and_latency_in_microseconds() -> None:
    graph = churn("12")
    cpu = inputs(named(graph, "churn-alerting-cpu"))
    queries = cpu["metricQueries"]
    assert isinstance(queries, list)
    assert isinstance(queries[0], dict)
    assert (queries[0]["expression"], cpu["threshold"]) == ("cpu / 2", 80)
    latency = inputs(named(graph, "churn-alerting-latency"))
    assert (latency["threshold"], latency["extendedStatistic"]) == (1_000_000, "p99")


def test_before_the_first_release_there_is_everything_but_the_endpoint() -> None:
    graph = shared_graph(stack_text(CHURN))
    assert [each.name for each in graph.resources if each.type.startswith("aws:sagemaker/")] == []
    assert named(graph, "churn-images-repository").inputs["name"] == "churn/dev"


def test_many_models_share_one_image_and_one_prefix(forms: Graph) -> None:
    container = named(forms, "prod-tenants-model").inputs["primaryContainer"]
    assert isinstance(container, dict)
    assert (container["mode"], container["modelDataUrl"]) == ("MultiModel", "s3://models/tenants/")
    assert of(forms, "repository:Repository", "tenants") == []
    foreign = statements(forms, "tenants-model-role-policy")["PullImage"]["Resource"]
    assert foreign == ["arn:aws:ecr:us-east-1:683313688378:repository/xgboost"]
    alarms = {each.name.removeprefix("tenants-alerting-") for each in of(forms, "MetricAlarm", "tenants")}
    assert {"model-loading", "model-cache"} <= alarms


def test_a_pipeline_runs_its_containers_in_order(forms: Graph) -> None:
    model = named(forms, "prod-steps-model").inputs
    containers = model["containers"]
    assert isinstance(containers, list)
    images = [str(each["image"]).partition("/")[2] for each in containers if isinstance(each, dict)]
    assert images == ["xgboost:1.7-1", f"steps/prod@{DIGEST}"]
    assert model["inferenceExecutionConfig"] == {"mode": "Serial"}


def test_variants_share_the_requests_by_weight_and_have_alarms_and_scaling_each(forms: Graph) -> None:
    variants = named(forms, "prod-split-config").inputs["productionVariants"]
    assert isinstance(variants, list)
    weights = {each["variantName"]: each["initialVariantWeight"] for each in variants if isinstance(each, dict)}
    assert weights == {"champion": 9.0, "challenger": 1.0}
    packages = {each.name: str(each.inputs["primaryContainer"]) for each in of(forms, "model:Model", "split")}
    assert packages.keys() == {"prod-split-model-champion", "prod-split-model-challenger"}
    assert "model-package/churn/3'" in packages["prod-split-model-champion"]
    assert "model-package/churn/12'" in packages["prod-split-model-challenger"]
    assert len(of(forms, "MetricAlarm", "split")) == 13
    assert {each.name for each in of(forms, "target:Target", "split")} == {
        "split-scaling-champion",
        "split-scaling-challenger",
    }


def test_serverless_is_in_no_vpc_and_finds_its_secrets_by_reference(forms: Graph) -> None:
    model = inputs(named(forms, "prod-small-model"))
    assert (model.get("vpcConfig"), model["enableNetworkIsolation"]) == (None, False)
    config = inputs(named(forms, "prod-small-config"))
    assert (config.get("dataCaptureConfig"), config.get("kmsKeyArn")) == (None, None)
    assert inputs(named(forms, "small-endpoint")).get("deploymentConfig") is None
    container = model["primaryContainer"]
    assert isinstance(container, dict)
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:example/small/prod/API_TOKEN"
    assert container["environment"] == {"ONRAMP_ENVIRONMENT": "prod", "ONRAMP_REF_API_TOKEN": secret}
    granted = statements(forms, "small-model-role-policy")["ReadSecrets"]
    assert granted["Resource"] == [f"{secret}-??????"]


def test_a_transform_job_starts_by_the_clock_and_answers_into_the_services_bucket(forms: Graph) -> None:
    target = named(forms, "nightly-schedule").inputs["target"]
    assert isinstance(target, dict)
    assert target["arn"] == "arn:aws:scheduler:::aws-sdk:sagemaker:createTransformJob"
    assert f'"S3OutputPath":"s3://{named(forms, "nightly-models-bucket").inputs["bucket"]}/answers"' in str(
        target["input"]
    )
    assert f'"ModelName":"{named(forms, "prod-nightly-model").inputs["name"]}"' in str(target["input"])
    assert [each.name for each in of(forms, "endpoint:Endpoint", "nightly")] == []


def test_callers_may_invoke_the_endpoint_and_find_its_name(forms: Graph) -> None:
    environment = named(forms, "caller-function").inputs["environment"]
    assert isinstance(environment, dict)
    variables = environment["variables"]
    assert isinstance(variables, dict)
    assert variables["ONRAMP_CALL_TENANTS"] == "prod-tenants"
    granted = statements(forms, "caller-role-policy")["CallEndpoints"]
    assert (granted["Action"], granted["Resource"]) == (
        ["sagemaker:InvokeEndpoint"],
        [f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/prod-tenants"],
    )


def test_nothing_samples_what_x_ray_cannot_see(forms: Graph) -> None:
    assert {each.name for each in of(forms, "SamplingRule")} == {"caller-observability-sampling"}


def test_an_approval_in_the_registry_starts_the_pipeline_which_asks_before_it_deploys() -> None:
    environment = """\
pipeline:
  connection: arn:aws:codeconnections:eu-west-1:111122223333:connection/0a1b2c3d-1111-2222-3333-444455556666
  repository: example/platform
  deployRole: onramp-deploy
  token: prod/pulumi-token
  promotesFrom: staging
  approvers: [platform@example.com]
"""
    graph = churn("12", environment=environment)
    rule = named(graph, "churn-pipeline-promote", "EventRule")
    assert parsed(rule, "eventPattern") == {
        "source": ["aws.sagemaker"],
        "detail-type": ["SageMaker Model Package State Change"],
        "detail": {"ModelPackageGroupName": ["churn"], "ModelApprovalStatus": ["Approved"]},
    }
    target = named(graph, "churn-pipeline-promote-start").inputs
    assert target["arn"] == f"arn:aws:codepipeline:{REGION}:{ACCOUNT}:prod-churn"
    stages = named(graph, "churn-pipeline-pipeline").inputs["stages"]
    assert isinstance(stages, list)
    assert [stage["name"] for stage in stages if isinstance(stage, dict)] == ["Source", "Model", "Approve", "Deploy"]
    assert '"name":"PACKAGE","value":"#{Model.PACKAGE}"' in str(stages[-1])
