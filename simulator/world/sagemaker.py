"""SageMaker: endpoints, their configurations, and the calls that change them. One change at a time, and none stops."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from simulator.world.alarms import Alarms
from simulator.world.api import AwsError, Document, Operations, WorldError, arn
from simulator.world.clock import Clock
from simulator.world.endpoint_update import Config, Endpoint, EndpointUpdate, Fleet, Times, Variant

_IN_PROGRESS: Final = frozenset({"Creating", "Updating", "SystemUpdating", "RollingBack", "Deleting"})
"""SageMaker refuses every change of an endpoint in these states."""
_DESCRIBED_APART: Final = ("EndpointConfigName", "Tags")


@dataclass(frozen=True, kw_only=True, slots=True)
class Model:
    """A model; one that does not start makes an endpoint go back to what it had. Two may have the same data."""

    name: str
    data: str
    starts: bool
    created: datetime


class SageMaker:
    """The service `sagemaker`.

    Args:
        clock: updates go on by themselves.
        alarms: that an update may watch.
    """

    def __init__(self, clock: Clock, alarms: Alarms) -> None:
        self._clock = clock
        self._alarms = alarms
        self._models: dict[str, Model] = {}
        self._configs: dict[str, Config] = {}
        self._endpoints: dict[str, Endpoint] = {}
        self.times = Times()
        self.operations: Operations = {
            "CreateEndpointConfig": self._create_config,
            "DescribeEndpointConfig": self._describe_config,
            "DescribeModel": self._describe_model,
            "DeleteEndpointConfig": self._delete_config,
            "DescribeEndpoint": self._describe_endpoint,
            "UpdateEndpoint": self._update_endpoint,
            "UpdateEndpointWeightsAndCapacities": self._update_weights,
        }

    def add_model(self, name: str, *, data: str = "", starts: bool = True) -> str:
        """A model, by its name; it is also the revision that `traffic.behave` knows."""
        self._models[name] = Model(name=name, data=data or name, starts=starts, created=self._clock.now())
        return name

    def add_config(self, name: str, models: Mapping[str, str], *, instances: int = 2, **settings: object) -> str:
        """A configuration with a model for each variant, all of the same weight; `settings` are the API's."""
        variants = [
            {
                "VariantName": variant,
                "ModelName": model,
                "InstanceType": "ml.m5.large",
                "InitialInstanceCount": instances,
                "InitialVariantWeight": 1.0,
            }
            for variant, model in models.items()
        ]
        self._create_config({"EndpointConfigName": name, "ProductionVariants": variants, **settings})
        return name

    def add_endpoint(self, name: str, config: str) -> Endpoint:
        """An endpoint that has had this configuration for long."""
        endpoint = Endpoint(
            name=name, arn=arn("sagemaker", f"endpoint/{name}"), fleet=self._fleet(config), now=self._clock.now()
        )
        self._endpoints[name] = endpoint
        return endpoint

    def endpoint(self, name: str) -> Endpoint:
        """One of them.

        Raises:
            AwsError: there is none of this name.
        """
        if name not in self._endpoints:
            raise _invalid(f'Could not find endpoint "{arn("sagemaker", f"endpoint/{name}")}".')
        return self._endpoints[name]

    def has_config(self, name: str) -> bool:
        """Whether it is still there."""
        return name in self._configs

    def lose_config(self, name: str) -> None:
        """Let somebody delete a configuration that is in use, which AWS allows."""
        del self._configs[name]

    def update(self, name: str, config: str, deployment: Document | None = None) -> None:
        """Let somebody call UpdateEndpoint."""
        self._update_endpoint(
            {
                "EndpointName": name,
                "EndpointConfigName": config,
                **({"DeploymentConfig": deployment} if deployment else {}),
            }
        )

    def _create_config(self, request: Document) -> Document:
        name: str = request["EndpointConfigName"]
        if name in self._configs:
            raise _invalid(f'Cannot create already existing endpoint configuration "{_config_arn(name)}".')
        variants: list[Document] = request["ProductionVariants"]
        names = [variant["VariantName"] for variant in variants]
        if len(set(names)) != len(names):
            raise _invalid("Variant names in an endpoint configuration have to be different.")
        if not any(variant.get("InitialVariantWeight", 1.0) for variant in variants):
            raise _invalid("At least one variant has to have a weight greater than 0.")
        unknown = [variant["ModelName"] for variant in variants if variant["ModelName"] not in self._models]
        if unknown:
            raise _invalid(f'Could not find model "{_model_arn(unknown[0])}".')
        self._configs[name] = Config(name=name, request=request, created=self._clock.now())
        return {"EndpointConfigArn": _config_arn(name)}

    def _describe_config(self, request: Document) -> Document:
        config = self._config(request["EndpointConfigName"])
        kept = {key: value for key, value in config.request.items() if key not in _DESCRIBED_APART}
        return {
            **kept,
            "EndpointConfigName": config.name,
            "EndpointConfigArn": _config_arn(config.name),
            "CreationTime": config.created,
        }

    def _describe_model(self, request: Document) -> Document:
        name: str = request["ModelName"]
        if name not in self._models:
            raise _invalid(f'Could not find model "{_model_arn(name)}".')
        model = self._models[name]
        return {
            "ModelName": name,
            "ModelArn": _model_arn(name),
            "CreationTime": model.created,
            "PrimaryContainer": {"ModelDataUrl": f"s3://models/{model.data}.tar.gz"},
        }

    def _delete_config(self, request: Document) -> Document:
        """AWS lets everybody delete the configuration of a live endpoint; here nobody may, because nobody should."""
        config = self._config(request["EndpointConfigName"])
        users = [each.name for each in self._endpoints.values() if config.name in each.configs]
        if users:
            raise WorldError(f"{config.name} is in use by {users[0]}, and somebody deletes it")
        del self._configs[config.name]
        return {}

    def _describe_endpoint(self, request: Document) -> Document:
        return self.endpoint(request["EndpointName"]).described()

    def _update_endpoint(self, request: Document) -> Document:
        endpoint = self._free(request["EndpointName"])
        fleet = self._fleet(request["EndpointConfigName"])
        if fleet.config == endpoint.fleet.config and endpoint.status == "InService":
            raise _invalid(f"The endpoint has the configuration {fleet.config} already.")
        if request.get("RetainAllVariantProperties", False):
            excluded = {each["VariantPropertyType"] for each in request.get("ExcludeRetainedVariantProperties", [])}
            fleet.retain(endpoint.fleet, excluded)
        deployment: Document = request.get("DeploymentConfig", {})
        endpoint.begin(fleet, deployment, self._clock.now())
        starts = all(self._models[variant.model].starts for variant in fleet.variants.values())
        self._clock.run(EndpointUpdate(self._clock, self._alarms, self.times, endpoint, starts=starts).run())
        return {"EndpointArn": endpoint.arn}

    def _update_weights(self, request: Document) -> Document:
        endpoint = self._free(request["EndpointName"])
        wanted: list[Document] = request["DesiredWeightsAndCapacities"]
        for each in wanted:
            if each["VariantName"] not in endpoint.fleet.variants:
                raise _invalid(f'Could not find variant "{each["VariantName"]}" of endpoint "{endpoint.arn}".')
        for each in wanted:
            variant = endpoint.fleet.variants[each["VariantName"]]
            variant.desired_weight = each.get("DesiredWeight", variant.desired_weight)
            variant.desired_instances = each.get("DesiredInstanceCount", variant.desired_instances)
        endpoint.change("Updating", self._clock.now())
        self._clock.after(self.times.weights, lambda: self._weighted(endpoint))
        return {"EndpointArn": endpoint.arn}

    def _weighted(self, endpoint: Endpoint) -> None:
        for variant in endpoint.fleet.variants.values():
            variant.weight, variant.instances = variant.desired_weight, variant.desired_instances
        endpoint.change("InService", self._clock.now())

    def _free(self, name: str) -> Endpoint:
        endpoint = self.endpoint(name)
        if endpoint.status in _IN_PROGRESS:
            raise _invalid(f'Cannot update in-progress endpoint "{endpoint.arn}".')
        return endpoint

    def _config(self, name: str) -> Config:
        if name not in self._configs:
            raise _invalid(f'Could not find endpoint configuration "{_config_arn(name)}".')
        return self._configs[name]

    def _fleet(self, config: str) -> Fleet:
        variants: list[Document] = self._config(config).request["ProductionVariants"]
        return Fleet(config=config, variants={each["VariantName"]: Variant.of(each) for each in variants})


def _config_arn(name: str) -> str:
    return arn("sagemaker", f"endpoint-config/{name}")


def _model_arn(name: str) -> str:
    return arn("sagemaker", f"model/{name}")


def _invalid(message: str) -> AwsError:
    return AwsError(code="ValidationException", message=message)
