"""A SageMaker endpoint with two variants, the live one and the candidate: Onramp moves their weights.

Both are in a configuration of our own, made for this rollout and deleted at its end. The live variant keeps its name,
so that its autoscaling goes on; the candidate's is made of its configuration's, so that whoever is late and means
another rollout names a variant that is not there. Weights become true after a minute or so, in which SageMaker takes no
others: what cannot be asked for now is asked for again in the next tick.
"""

from collections.abc import Callable, Mapping
from typing import Final

from botocore.exceptions import ClientError

from rollouts.aws import Answer, Aws
from rollouts.driver import Ready, Sources, Survey
from rollouts.drivers.endpoint import BUSY, IN_SERVICE, Endpoint, is_invalid
from rollouts.drivers.shares import percent
from rollouts.errors import Drift
from rollouts.record import ALL, Rollout, said
from stacks import limits
from stacks.naming import fingerprint, physical_name
from stacks.targets import VariantsTarget

_APART: Final = (
    "CreationTime",
    "EndpointConfigArn",
    "EndpointConfigName",
    "ProductionVariants",
    "ResponseMetadata",
)
"""What of a configuration's description is not passed on to the one of both."""
_KEEP_INSTANCES: Final[Mapping[str, object]] = {
    "RetainAllVariantProperties": True,
    "ExcludeRetainedVariantProperties": [
        {"VariantPropertyType": "DesiredWeight"},
        {"VariantPropertyType": "DataCaptureConfig"},
    ],
}
"""As many instances as autoscaling has made it, whatever the configuration began with."""


class VariantsDriver:
    """Moves the weights of an endpoint's variants."""

    def __init__(self, aws: Aws, target: VariantsTarget, rollout: Rollout) -> None:
        self._target, self._rollout = target, rollout
        self._endpoint = Endpoint(aws, target.endpoint)

    def survey(self) -> Survey:
        """The configuration that is live, and whether it is at rest and has the one variant."""
        found = self._endpoint.find()
        if found is None:
            return Survey(live="", problems=(self._endpoint.missing(),))
        live, problems = str(found["EndpointConfigName"]), self._endpoint.unfit(found)
        names = [str(each["VariantName"]) for each in found.get("ProductionVariants", [])]
        if not problems and (names != [self._target.variant] or found.get("ShadowProductionVariants")):
            problems.append(
                f"{self._target.endpoint} serves the variants {', '.join(names)} or shadows them, and this rollout is "
                f"for {self._target.variant} alone: somebody is shifting it. Finish that first, or: aws sagemaker "
                f"update-endpoint --endpoint-name {self._target.endpoint} --endpoint-config-name <the live one>"
            )
        return Survey(live=live, problems=tuple(problems))

    def prepare(self) -> Ready:
        """Both variants are up, with as many instances as the live one has, and all requests on the live one."""
        found = self._endpoint.describe()
        status, config = str(found["EndpointStatus"]), str(found["EndpointConfigName"])
        if status in BUSY:
            return Ready(done=False, because="its instances are starting")
        if status != IN_SERVICE or config not in {self._both, self._rollout.live}:
            return Ready(done=False, failed=True, because=f"the endpoint is {status}, with {config}")
        if config == self._both:
            return Ready(done=True)
        made = self._endpoint.config(self._both)
        if made is not None and "FailureReason" in found and found["LastModifiedTime"] > made["CreationTime"]:
            return Ready(done=False, failed=True, because=f"it does not start: {found['FailureReason']}")
        try:
            if made is None:
                self._endpoint.add_config(self._both, self._settings(_variant(found, self._target.variant)))
            self._endpoint.update(self._both, _KEEP_INSTANCES)
        except (ClientError, LookupError) as error:
            if isinstance(error, ClientError) and not is_invalid(error):
                raise
            return Ready(done=False, failed=True, because=f"there can be no configuration of both versions: {error}")
        return Ready(done=False, because="SageMaker was asked to start it")

    def weight(self) -> float | None:
        """The candidate's share in percent, as it is true now; not the one that was asked for."""
        return self._share_of(self._endpoint.describe())

    def shift(self, expected: float, wanted: float, confirm: Callable[[], None]) -> None:
        """Move it, unless somebody else has. While SageMaker changes something, this does nothing: ask again."""
        found = self._endpoint.describe()
        if found["EndpointConfigName"] != self._both:
            raise Drift("the endpoint's configuration", self._both, str(found["EndpointConfigName"]))
        share_now = self._share_of(found)
        if share_now == wanted or found["EndpointStatus"] in BUSY:
            return
        if share_now != expected:
            raise Drift("the share of the candidate's variant", said(expected), said(share_now))
        confirm()
        self._endpoint.weigh(self._weights(wanted))

    def zero(self) -> None:
        """All of it to the live variant, whatever there is now.

        SageMaker refuses that while it changes the endpoint: weights that are on their way become true first. It also
        refuses when there is no candidate to take weight from. In both cases `restore` looks, and asks again.
        """
        try:
            self._endpoint.weigh(self._weights(0))
        except ClientError as error:
            if not is_invalid(error):
                raise

    def settled(self) -> Ready:
        """Weights are true as soon as SageMaker has made them so."""
        status = str(self._endpoint.describe()["EndpointStatus"])
        is_over = status not in {IN_SERVICE, *BUSY}
        return Ready(done=status == IN_SERVICE, failed=is_over, because=f"the endpoint is {status}")

    def restore(self) -> Ready:
        """The weight becomes zero, and then the live configuration is the endpoint's own again."""
        found = self._endpoint.describe()
        if self._share_of(found) and found["EndpointConfigName"] == self._both and found["EndpointStatus"] not in BUSY:
            self.zero()
            return Ready(done=False, because="the candidate's variant had weight still")
        return self._only(found, self._rollout.live)

    def promote(self) -> Ready:
        """The candidate's configuration becomes the endpoint's own."""
        return self._only(self._endpoint.describe(), self._rollout.candidate)

    def running(self) -> str:
        """The endpoint's configuration; none while SageMaker changes it, or while it is the one of both."""
        found = self._endpoint.describe()
        config = str(found["EndpointConfigName"])
        return config if found["EndpointStatus"] == IN_SERVICE and config != self._both else ""

    def targets(self) -> None:
        """SageMaker tells of none."""

    def sources(self) -> Sources:
        """SageMaker counts by variant."""
        return Sources(
            candidate=self._endpoint.source(self._name), baseline=self._endpoint.source(self._target.variant)
        )

    @property
    def _name(self) -> str:
        """The candidate's variant."""
        return f"candidate-{fingerprint(self._rollout.candidate)}"

    @property
    def _both(self) -> str:
        """The configuration with both variants."""
        pair = fingerprint(f"{self._rollout.live} {self._rollout.candidate}")
        return physical_name(limits.NAME_SAGEMAKER, self._target.endpoint, "rollout", pair)

    def _weights(self, weight: float) -> Mapping[str, float]:
        return {self._target.variant: ALL - weight, self._name: weight}

    def _share_of(self, found: Answer) -> float | None:
        """None when the endpoint serves neither version, or something else besides."""
        config = found["EndpointConfigName"]
        if config != self._both:
            return {self._rollout.live: 0.0, self._rollout.candidate: float(ALL)}.get(str(config))
        weights = {str(each["VariantName"]): float(each["CurrentWeight"]) for each in found["ProductionVariants"]}
        total = sum(weights.values())
        return percent(weights[self._name] / total) if total and set(weights) == set(self._weights(0)) else None

    def _only(self, found: Answer, wanted: str) -> Ready:
        """One configuration is the endpoint's own, and the one of both is gone."""
        status, config = str(found["EndpointStatus"]), str(found["EndpointConfigName"])
        if status in BUSY:
            return Ready(done=False, because=f"SageMaker changes the endpoint to {wanted}")
        if status != IN_SERVICE:
            return Ready(done=False, failed=True, because=f"the endpoint is {status}: {found.get('FailureReason')}")
        if config == wanted:
            self._endpoint.remove_config(self._both)
            return Ready(done=True)
        if "FailureReason" in found and config == self._both:
            reason = f"SageMaker could not change the endpoint to {wanted}: {found['FailureReason']}"
            return Ready(done=False, failed=True, because=reason)
        self._endpoint.update(wanted, _KEEP_INSTANCES)
        return Ready(done=False, because=f"SageMaker was asked to change the endpoint to {wanted}")

    def _settings(self, live: Answer) -> Mapping[str, object]:
        """Everything as the candidate's configuration has it (key, capture, asynchronous answers), with two variants.

        Args:
            live: the variant that serves, as the endpoint has it.
        """
        old, new = (self._endpoint.config(name) for name in (self._rollout.live, self._rollout.candidate))
        if old is None or new is None:
            raise LookupError(f"{self._rollout.live} or {self._rollout.candidate} is no endpoint configuration")
        theirs, ours = (_variant(each, self._target.variant) for each in (old, new))
        instances = max(int(live["CurrentInstanceCount"]), int(ours["InitialInstanceCount"]))
        ours |= {"VariantName": self._name, "InitialInstanceCount": instances, "InitialVariantWeight": 0.0}
        kept = {key: value for key, value in new.items() if key not in _APART}
        return {**kept, "ProductionVariants": [{**theirs, "InitialVariantWeight": float(ALL)}, ours]}


def _variant(found: Answer, name: str) -> Answer:
    named = {str(each["VariantName"]): dict(each) for each in found["ProductionVariants"]}
    return named[name]
