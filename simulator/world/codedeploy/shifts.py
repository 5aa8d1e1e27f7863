"""What CodeDeploy shifts: the versions of an alias, or the task sets of a service."""

from typing import Protocol

from simulator.world.api import AwsError, Document
from simulator.world.codedeploy.routing import ALL
from simulator.world.codedeploy.state import Deployment, TwoSides
from simulator.world.ecs.service import Ecs
from simulator.world.ecs.state import TaskSet
from simulator.world.ecs.task_sets import TaskSets
from simulator.world.elbv2 import Elbv2
from simulator.world.lambda_ import Lambda


class DeploymentError(Exception):
    """The deployment fails.

    Args:
        code: CodeDeploy API, ErrorInformation.
        message: for people.
    """

    def __init__(self, code: str, message: str) -> None:
        self.code, self.message = code, message
        super().__init__(message)


class Shift(Protocol):
    """One deployment's hold on the traffic."""

    def install(self) -> None:
        """Bring up the new version.

        Raises:
            DeploymentError: it cannot be.
        """
        ...

    def is_installed(self) -> bool:
        """Whether it could take traffic."""
        ...

    def move(self, percent: int) -> None:
        """Give it so much of the traffic."""
        ...

    def clean_up(self) -> None:
        """Remove the old version."""
        ...

    def undo(self) -> None:
        """All traffic to the old version again; the new one goes."""
        ...


class AliasShift:
    """An alias moves from one version to another.

    Args:
        lambda_: has the function.
        properties: of the AppSpec's resource.
    """

    def __init__(self, lambda_: Lambda, properties: Document) -> None:
        self._lambda = lambda_
        self._function, self._alias = str(properties["Name"]), str(properties["Alias"])
        self._old, self._new = str(properties["CurrentVersion"]), str(properties["TargetVersion"])
        self._has_moved = False

    def install(self) -> None:
        """Both versions have to be there, and the alias has to point at the old one."""
        client = self._lambda.operations
        try:
            found = client["GetAlias"]({"FunctionName": self._function, "Name": self._alias})
            client["GetFunctionConfiguration"]({"FunctionName": self._function, "Qualifier": self._new})
        except AwsError as error:
            raise DeploymentError("INVALID_LAMBDA_FUNCTION", error.message) from error
        if found["FunctionVersion"] != self._old:
            what = f"The alias points at version {found['FunctionVersion']}, and CurrentVersion is {self._old}"
            raise DeploymentError("INVALID_LAMBDA_CONFIGURATION", what)

    def is_installed(self) -> bool:
        """A published version is up."""
        return True

    def move(self, percent: int) -> None:
        """Set the weight of the new version; with all of it, it is the alias's own."""
        version, extra = (self._new, {}) if percent == ALL else (self._old, {self._new: percent / ALL})
        self._has_moved = True
        self._lambda.set_alias(self._function, self._alias, version, extra)

    def clean_up(self) -> None:
        """Versions are kept."""

    def undo(self) -> None:
        """The alias has the old version and no other, unless it was never touched."""
        if self._has_moved:
            self._lambda.set_alias(self._function, self._alias, self._old, {})


class TaskSetShift:
    """A rule moves from one task set's target group to another's.

    Args:
        ecs: has the service.
        elbv2: has the rule.
        sides: of the deployment group.
        deployment: whose task set is made.
        definition: task definition of the new one.
    """

    def __init__(self, ecs: Ecs, elbv2: Elbv2, sides: TwoSides, deployment: Deployment, definition: str) -> None:
        self._ecs, self._elbv2 = ecs, elbv2
        self._sides, self._deployment, self._wanted = sides, deployment, definition
        self._sets: TaskSets = ecs.task_sets(sides.service)
        self._old: TaskSet = self._sets.primary
        self._new: TaskSet | None = None

    def install(self) -> None:
        """Start the replacement in the group that is free."""
        try:
            definition = self._ecs.definition(self._wanted)
        except AwsError as error:
            raise DeploymentError("ECS_UPDATE_ERROR", error.message) from error
        free = next(group for group in self._sides.groups if group != self._old.group)
        self._new = self._sets.create(definition, free, external_id=self._deployment.id)
        self._describe(0)

    def is_installed(self) -> bool:
        """All tasks of the replacement are healthy."""
        return self._new is not None and self._sets.is_serving(self._new)

    def move(self, percent: int) -> None:
        """Set the weights of both groups; with all of it, the replacement is the primary task set."""
        if self._new is None:
            return
        self._elbv2.set_weights(self._sides.rule, {self._old.group: ALL - percent, self._new.group: percent})
        if percent == ALL:
            self._sets.make_primary(self._new)
        self._describe(percent)

    def clean_up(self) -> None:
        """The old task set goes."""
        self._sets.delete(self._old)

    def undo(self) -> None:
        """The rule first, then the replacement goes."""
        self.move(0)
        self._sets.make_primary(self._old)
        if self._new is not None:
            self._sets.delete(self._new)

    def _describe(self, percent: int) -> None:
        parts = [("Blue", self._old, ALL - percent)]
        parts += [("Green", self._new, percent)] if self._new is not None else []
        primary = self._sets.primary
        self._deployment.sides = [
            {
                "identifer": one.id,
                "status": "PRIMARY" if one is primary else "ACTIVE",
                "trafficWeight": float(weight),
                "targetGroup": {"name": self._elbv2.group(one.group).name},
                "taskSetLabel": label,
            }
            for label, one, weight in parts
        ]
