"""Two ECS services, blue and green, behind one listener rule: Onramp moves the weights of their target groups.

Elastic Load Balancing has no conditional write, so each one is compared before and read back after, under the lease.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Final, Literal, cast

from rollouts.aws import Answer, Aws
from rollouts.clock import Clock
from rollouts.driver import Ready, Source, Sources, Survey
from rollouts.drivers.counted import counted_by_group
from rollouts.errors import Drift
from rollouts.gates import Targets
from rollouts.record import ALL, Rollout, said
from stacks.targets import BalancerTarget

Color = Literal["blue", "green"]
COLORS: Final[tuple[Color, Color]] = ("blue", "green")

PROPAGATION_SECONDS: Final = 60
"""After ModifyRule has answered, until all nodes of a load balancer split by the new weights: our own. AWS gives no
number; users see up to half a minute (argo-rollouts issues 4595 and 3926)."""
_SERVICES: Final = "ecs"
_DIMENSION: Final = "ecs:service:DesiredCount"


class BalancerDriver:
    """Moves the weights of a listener rule."""

    def __init__(self, aws: Aws, clock: Clock, target: BalancerTarget, rollout: Rollout) -> None:
        self._aws, self._clock, self._target, self._rollout = aws, clock, target, rollout

    def survey(self) -> Survey:
        """Which color is live, what it runs, and whether both are at rest."""
        weights = self._weights()
        loaded: list[Color] = [color for color, weight in weights.items() if weight]
        if len(loaded) != 1:
            split = ", ".join(f"{color} {weight}" for color, weight in weights.items()) or "no target group of ours"
            problem = (
                f"the listener rule of {self._target.service} splits between both sides ({split}): somebody is "
                "shifting it. Finish that first, or set the weights to 100 and 0 by hand"
            )
            return Survey(live="", problems=(problem,))
        live = loaded[0]
        free = _other(live)
        problems = [*self._unfit(live), *self._busy(live), *self._busy(free)]
        return Survey(live=self._service(live)["taskDefinition"], side=free, problems=tuple(problems))

    def prepare(self) -> Ready:
        """As many tasks of the candidate as the live side has, all of them healthy, before the first request."""
        candidate, live = self._service(self._color), self._service(_other(self._color))
        tasks = max(int(live["desiredCount"]), self._target.tasks)
        if candidate["taskDefinition"] != self._rollout.candidate or candidate["desiredCount"] < tasks:
            self._floor(self._color, self._target.tasks)
            self._run(self._color, tasks, self._rollout.candidate)
            return Ready(done=False, because="its tasks are starting")
        deployment = _primary(candidate)
        if deployment["taskDefinition"] != self._rollout.candidate or deployment.get("rolloutState") == "FAILED":
            return Ready(done=False, failed=True, because=f"its tasks do not start: {_reason(candidate)}")
        if candidate["runningCount"] < tasks:
            return Ready(done=False, because=f"{candidate['runningCount']} of {tasks} tasks run")
        return self._healthy()

    def weight(self) -> float | None:
        """The candidate's share in percent."""
        weights = self._weights()
        total = sum(weights.values())
        return ALL * weights[self._color] / total if total and len(weights) == len(COLORS) else None

    def shift(self, expected: float, wanted: float, confirm: Callable[[], None]) -> None:
        """Move it, unless somebody else has."""
        found = self.weight()
        if found == wanted:
            return
        if found != expected:
            raise Drift("the rule's share of the candidate", said(expected), said(found))
        confirm()
        self._write(int(wanted))

    def zero(self) -> None:
        """All of it to the live side, whatever there is."""
        self._write(0)

    def settled(self) -> Ready:
        """The nodes of the load balancer have the weights, and the candidate's targets are healthy."""
        since = self._clock.now() - self._rollout.phase_at
        if since < timedelta(seconds=PROPAGATION_SECONDS):
            return Ready(done=False, because="the load balancer spreads the weights")
        return self._healthy()

    def restore(self) -> Ready:
        """The weight stays zero; the candidate's tasks go. The live side's come back if they were going already."""
        if self.weight() != 0:
            self.zero()
            return Ready(done=False, because="the rule had another split again")
        live = _other(self._color)
        if not self._service(live)["desiredCount"]:
            self._floor(live, self._target.tasks)
            self._run(live, max(self._target.tasks, self._service(self._color)["desiredCount"]), self._rollout.live)
            return Ready(done=False, because="the live side's tasks are starting again")
        return self._stop(self._color)

    def promote(self) -> Ready:
        """The old side's tasks go."""
        return self._stop(_other(self._color))

    def running(self) -> str:
        """What the only side with traffic runs, when all of it does."""
        loaded: list[Color] = [color for color, weight in self._weights().items() if weight]
        if len(loaded) != 1:
            return ""
        service = self._service(loaded[0])
        deployment = _primary(service)
        is_steady = deployment.get("rolloutState") == "COMPLETED" and service["runningCount"] >= service["desiredCount"]
        return str(deployment["taskDefinition"]) if is_steady else ""

    def targets(self) -> Targets:
        """Those of the candidate's side."""
        states = self._states(self._color)
        return Targets(healthy=states.count("healthy"), unhealthy=len(states) - states.count("healthy"))

    def sources(self) -> Sources:
        """Each side has a target group, and the load balancer counts by it."""
        return Sources(candidate=self._source(self._color), baseline=self._source(_other(self._color)))

    @property
    def _color(self) -> Color:
        return cast("Color", self._rollout.side)

    def _source(self, color: Color) -> Source:
        return counted_by_group(self._target.balancer, self._group(color))

    def _group(self, color: Color) -> str:
        return self._target.groups.blue if color == "blue" else self._target.groups.green

    def _name(self, color: Color) -> str:
        return self._target.services.blue if color == "blue" else self._target.services.green

    def _weights(self) -> dict[Color, int]:
        """The weight of each side; fewer than two when the rule is no longer ours."""
        rule = self._aws.ask("elbv2", "describe_rules", RuleArns=[self._target.rule])["Rules"][0]
        groups = [
            group for action in rule["Actions"] for group in action.get("ForwardConfig", {}).get("TargetGroups", [])
        ]
        found = {str(group["TargetGroupArn"]): int(group.get("Weight", 0)) for group in groups}
        if set(found) != {self._group(color) for color in COLORS}:
            return {}
        return {color: found[self._group(color)] for color in COLORS}

    def _write(self, weight: int) -> None:
        shares: dict[Color, int] = {self._color: weight, _other(self._color): ALL - weight}
        groups = [{"TargetGroupArn": self._group(color), "Weight": part} for color, part in shares.items()]
        action = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
        self._aws.ask("elbv2", "modify_rule", RuleArn=self._target.rule, Actions=[action])

    def _service(self, color: Color) -> Answer:
        name = self._name(color)
        found = self._aws.ask(_SERVICES, "describe_services", cluster=self._target.cluster, services=[name])
        return found["services"][0]

    def _run(self, color: Color, tasks: int, definition: str) -> None:
        self._aws.ask(
            _SERVICES,
            "update_service",
            cluster=self._target.cluster,
            service=self._name(color),
            desiredCount=tasks,
            taskDefinition=definition,
        )

    def _floor(self, color: Color, tasks: int) -> None:
        """The least that autoscaling keeps: the live side's, and none for the side without traffic."""
        self._aws.ask(
            "application-autoscaling",
            "register_scalable_target",
            ServiceNamespace="ecs",
            ResourceId=f"service/{self._target.cluster}/{self._name(color)}",
            ScalableDimension=_DIMENSION,
            MinCapacity=tasks,
        )

    def _stop(self, color: Color) -> Ready:
        service = self._service(color)
        if service["desiredCount"]:
            self._floor(color, 0)
            self._aws.ask(
                _SERVICES, "update_service", cluster=self._target.cluster, service=self._name(color), desiredCount=0
            )
        return Ready(done=not service["runningCount"], because=f"{service['runningCount']} tasks are stopping")

    def _healthy(self) -> Ready:
        states = self._states(self._color)
        sick = [state for state in states if state != "healthy"]
        if states and not sick:
            return Ready(done=True)
        return Ready(done=False, because=f"{len(states) - len(sick)} of {len(states)} targets are healthy")

    def _states(self, color: Color) -> list[str]:
        """Of the targets that are not on their way out."""
        arn = self._group(color)
        found = self._aws.ask("elbv2", "describe_target_health", TargetGroupArn=arn)["TargetHealthDescriptions"]
        states = [str(each["TargetHealth"]["State"]) for each in found]
        return [state for state in states if state != "draining"]

    def _unfit(self, live: Color) -> list[str]:
        if "healthy" in self._states(live):
            return []
        return [f"the live side ({live}) has no healthy target to compare with; mend it first, or let pulumi up do so"]

    def _busy(self, color: Color) -> list[str]:
        service = self._service(color)
        if len(service["deployments"]) == 1 and service["runningCount"] == service["desiredCount"]:
            return []
        return [f"ECS is still deploying {self._name(color)}; wait until it is steady"]


def _other(color: Color) -> Color:
    return "green" if color == "blue" else "blue"


def _primary(service: Answer) -> Answer:
    return next(each for each in service["deployments"] if each["status"] == "PRIMARY")


def _reason(service: Answer) -> str:
    return str(_primary(service).get("rolloutStateReason") or "ECS does not say why")
