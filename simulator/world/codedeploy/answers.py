"""How CodeDeploy describes what it remembers."""

from simulator.world.api import Document, arn
from simulator.world.codedeploy.state import Deployment


def deployment(one: Deployment) -> Document:
    """As GetDeployment and BatchGetDeployments have it."""
    optional: Document = {
        "startTime": one.started,
        "completeTime": one.completed,
        "description": one.description,
        "errorInformation": {"code": one.error[0], "message": one.error[1]} if one.error else None,
        "rollbackInfo": _rollback(one),
    }
    return {
        "applicationName": one.group.application,
        "deploymentGroupName": one.group.name,
        "deploymentConfigName": one.config,
        "deploymentId": one.id,
        "revision": one.revision,
        "status": one.status,
        "createTime": one.created,
        "creator": one.creator,
        "deploymentStyle": {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"},
        "computePlatform": "Lambda" if one.group.sides is None else "ECS",
    } | {name: value for name, value in optional.items() if value}


def target(one: Deployment, target_id: str) -> Document:
    """As BatchGetDeploymentTargets has it, for a container service."""
    status = {"Succeeded": "Succeeded", "Failed": "Failed", "Stopped": "Failed"}.get(one.status, "InProgress")
    return {
        "deploymentTargetType": "ECSTarget",
        "ecsTarget": {
            "deploymentId": one.id,
            "targetId": target_id,
            "targetArn": arn("ecs", f"service/{target_id.replace(':', '/')}"),
            "status": status,
            "taskSetsInfo": one.sides,
        },
    }


def _rollback(one: Deployment) -> Document:
    if one.rollback:
        message = f"Deployment {one.id} triggered a rollback deployment with deployment id: {one.rollback}."
        return {"rollbackDeploymentId": one.rollback, "rollbackMessage": message}
    return {"rollbackTriggeringDeploymentId": one.triggered_by} if one.triggered_by else {}
