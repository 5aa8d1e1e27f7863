"""Application Auto Scaling: the least and the most that is kept of something. Nothing here scales by itself."""

from typing import Final

from simulator.world.api import AwsError, Document, Operations

_KEY: Final = ("ServiceNamespace", "ResourceId", "ScalableDimension")


class AutoScaling:
    """The service `application-autoscaling`."""

    def __init__(self) -> None:
        self.targets: dict[tuple[str, ...], tuple[int, int]] = {}
        """Least and most, by namespace, resource and dimension."""
        self.operations: Operations = {"RegisterScalableTarget": self._register}

    def add_ecs(self, cluster: str, service: str, least: int, most: int) -> None:
        """The number of tasks of an ECS service, registered long ago."""
        self.targets["ecs", f"service/{cluster}/{service}", "ecs:service:DesiredCount"] = (least, most)

    def _register(self, request: Document) -> Document:
        key = tuple(str(request[part]) for part in _KEY)
        known = self.targets.get(key)
        if known is None and not {"MinCapacity", "MaxCapacity"} <= request.keys():
            raise AwsError(code="ValidationException", message="A new target needs MinCapacity and MaxCapacity")
        least, most = known or (0, 0)
        least, most = request.get("MinCapacity", least), request.get("MaxCapacity", most)
        if least > most:
            raise AwsError(code="ValidationException", message="Maximum capacity cannot be less than minimum capacity")
        self.targets[key] = (least, most)
        return {}
