"""The world: AWS as a rollout meets it, on one clock, from one seed."""

from datetime import datetime
from typing import Any

import numpy as np

from simulator.world.alarms import Alarms
from simulator.world.api import Operations
from simulator.world.apprunner import AppRunner
from simulator.world.autoscaling import AutoScaling
from simulator.world.client import Call, Clients, Gate
from simulator.world.clock import Clock
from simulator.world.cloudwatch import CloudWatch
from simulator.world.codedeploy.service import CodeDeploy
from simulator.world.ecs.service import Ecs
from simulator.world.elbv2 import Elbv2
from simulator.world.faults import Faults
from simulator.world.lambda_ import Lambda
from simulator.world.metrics import Metrics
from simulator.world.sagemaker import SageMaker
from simulator.world.traffic import Traffic


class World:
    """Everything that a rollout talks to; the same seed and the same calls give the same world.

    Args:
        seed: of all that is random.
        start: the first moment: in UTC, on a whole minute.
    """

    def __init__(self, seed: int, start: datetime) -> None:
        self.clock = Clock(start)
        requests, identifiers = np.random.default_rng(seed).spawn(2)  # so that more calls do not change the traffic
        self.faults = Faults()
        self.gate = Gate(self.faults)
        # The order decides what happens first when a minute ends: traffic, then the alarms that watch it.
        self.traffic = Traffic(self.clock, requests)
        self.metrics = Metrics(self.clock)
        self.alarms = Alarms(self.clock, self.metrics)
        self.cloudwatch = CloudWatch(self.metrics, self.alarms)
        self.elbv2 = Elbv2(self.clock, self.metrics)
        self.lambda_ = Lambda(self.clock, identifiers)
        self.ecs = Ecs(self.clock, self.elbv2, self.alarms)
        self.codedeploy = CodeDeploy(self.clock, self.alarms, self.lambda_, self.ecs, self.elbv2)
        self.autoscaling = AutoScaling()
        self.sagemaker = SageMaker(self.clock, self.alarms)
        self.apprunner = AppRunner(self.clock, identifiers)
        self.services: dict[str, Operations] = {
            "application-autoscaling": self.autoscaling.operations,
            "apprunner": self.apprunner.operations,
            "cloudwatch": self.cloudwatch.operations,
            "codedeploy": self.codedeploy.operations,
            "ecs": self.ecs.operations,
            "elbv2": self.elbv2.operations,
            "lambda": self.lambda_.operations,
            "sagemaker": self.sagemaker.operations,
        }
        self._clients = Clients(self.gate, self.services)

    @property
    def calls(self) -> list[Call]:
        """Every call so far."""
        return self.gate.calls

    def client(self, service: str) -> Any:  # noqa: ANN401 - boto3 makes the class of a client while it runs
        """A boto3 client that this world answers (`elbv2`, `lambda`, ...)."""
        return self._clients.client(service)
