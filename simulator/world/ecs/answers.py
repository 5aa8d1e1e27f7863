"""How ECS describes what it remembers."""

from collections.abc import Iterator

from simulator.world.api import Document
from simulator.world.ecs.fleet import Fleet
from simulator.world.ecs.state import Deployment, Revision, Rollout, Service, TaskDefinition, TaskSet


def service(one: Service, fleet: Fleet) -> Document:
    """As DescribeServices has it."""
    deployments = [_deployment(deployment, one, fleet) for deployment in one.deployments]
    task_sets = [_task_set(task_set, one, fleet) for task_set in one.task_sets]
    answer: Document = {
        "serviceName": one.name,
        "serviceArn": one.arn,
        "clusterArn": one.cluster,
        "status": "ACTIVE",
        "desiredCount": one.desired,
        "runningCount": sum(part["runningCount"] for part in [*deployments, *task_sets]),
        "pendingCount": sum(part["pendingCount"] for part in [*deployments, *task_sets]),
        "taskDefinition": one.current.task_definition.arn,
        "deploymentConfiguration": one.configuration,
        "deploymentController": {"type": "CODE_DEPLOY" if one.task_sets else "ECS"},
        "launchType": "FARGATE",
        "schedulingStrategy": "REPLICA",
        "loadBalancers": one.load_balancers,
        "deployments": deployments,
        "taskSets": task_sets,
        "createdAt": one.created,
        "currentServiceRevisions": [
            {
                "arn": revision.arn,
                "requestedTaskCount": fleet.count(revision),
                "runningTaskCount": fleet.count(revision, running=True),
                "pendingTaskCount": fleet.count(revision, running=False),
            }
            for revision in fleet.revisions()
        ],
    }
    if one.rollout is not None:
        answer["currentServiceDeployment"] = one.rollout.arn
    return answer


def rollout(one: Rollout, owner: Service, fleet: Fleet) -> Document:
    """As DescribeServiceDeployments has it."""
    answer: Document = {
        **_summary(one, owner),
        "updatedAt": one.updated,
        "targetServiceRevision": _revision_in(one, one.target, fleet, one.weight, one.test_weight),
        "sourceServiceRevisions": [],
        "deploymentConfiguration": one.configuration,
        "deploymentCircuitBreaker": {
            "status": one.breaker,
            "failureCount": fleet.failures[one.target.arn],
        },
        "alarms": {
            "status": one.alarms,
            "alarmNames": one.configuration.get("alarms", {}).get("alarmNames", []),
            "triggeredAlarmNames": sorted(one.triggered),
        },
        "lifecycleHookDetails": list(_hooks(one)),
    }
    if one.source is not None:
        source = _revision_in(one, one.source, fleet, 100 - one.weight, 100 - one.test_weight)
        answer["sourceServiceRevisions"] = [source]
    if one.stage:
        answer["lifecycleStage"] = one.stage
    if one.rolled_back is not None and one.source is not None:
        reason, started = one.rolled_back
        answer["rollback"] = {"reason": reason, "startedAt": started, "serviceRevisionArn": one.source.arn}
    return answer


def listed(one: Rollout, owner: Service) -> Document:
    """As ListServiceDeployments has it."""
    return {**_summary(one, owner), "targetServiceRevisionArn": one.target.arn}


def revision(one: Revision, owner: Service) -> Document:
    """As DescribeServiceRevisions has it."""
    digest = one.task_definition.image.rpartition("@")[2]
    return {
        "serviceRevisionArn": one.arn,
        "serviceArn": owner.arn,
        "clusterArn": owner.cluster,
        "taskDefinition": one.task_definition.arn,
        "launchType": "FARGATE",
        "loadBalancers": owner.load_balancers,
        "containerImages": [
            {"containerName": "app", "image": one.task_definition.image}
            | ({"imageDigest": digest} if digest.startswith("sha256:") else {})
        ],
        "createdAt": one.created,
    }


def task_definition(one: TaskDefinition) -> Document:
    """As DescribeTaskDefinition has it."""
    family, _, number = one.arn.rpartition("/")[2].rpartition(":")
    return {
        "taskDefinitionArn": one.arn,
        "family": family,
        "revision": int(number),
        "status": "ACTIVE",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "containerDefinitions": [{"name": "app", "image": one.image, "essential": True}],
    }


def _summary(one: Rollout, owner: Service) -> Document:
    answer: Document = {
        "serviceDeploymentArn": one.arn,
        "serviceArn": owner.arn,
        "clusterArn": owner.cluster,
        "status": one.status,
        "createdAt": one.created,
    }
    optional: Document = {"startedAt": one.started, "finishedAt": one.finished, "statusReason": one.reason}
    return answer | {name: value for name, value in optional.items() if value}


def _deployment(one: Deployment, owner: Service, fleet: Fleet) -> Document:
    primary = one is owner.primary
    return {
        "id": one.id,
        "status": "PRIMARY" if primary else "ACTIVE",
        "taskDefinition": one.revision.task_definition.arn,
        "desiredCount": owner.desired if primary else fleet.count(one.revision),
        "runningCount": fleet.count(one.revision, running=True),
        "pendingCount": fleet.count(one.revision, running=False),
        "failedTasks": fleet.failures[one.revision.arn],
        "createdAt": one.created,
        "updatedAt": one.updated,
        "launchType": "FARGATE",
        "rolloutState": one.rollout_state,
        "rolloutStateReason": one.reason,
    }


def _task_set(one: TaskSet, owner: Service, fleet: Fleet) -> Document:
    running = fleet.count(one.revision, running=True)
    return {
        "id": one.id,
        "taskSetArn": one.arn,
        "serviceArn": owner.arn,
        "clusterArn": owner.cluster,
        "startedBy": "CODE_DEPLOY",
        "externalId": one.external_id,
        "status": "PRIMARY" if one is owner.task_sets[0] else "ACTIVE",
        "taskDefinition": one.revision.task_definition.arn,
        "computedDesiredCount": owner.desired,
        "runningCount": running,
        "pendingCount": fleet.count(one.revision, running=False),
        "createdAt": one.created,
        "launchType": "FARGATE",
        "loadBalancers": [{**owner.load_balancers[0], "targetGroupArn": one.group}],
        "scale": {"value": 100.0, "unit": "PERCENT"},
        "stabilityStatus": "STEADY_STATE" if running == owner.desired else "STABILIZING",
    }


def _revision_in(one: Rollout, which: Revision, fleet: Fleet, weight: float, test_weight: float) -> Document:
    answer: Document = {
        "arn": which.arn,
        "requestedTaskCount": fleet.count(which),
        "runningTaskCount": fleet.count(which, running=True),
        "pendingTaskCount": fleet.count(which, running=False),
    }
    if one.configuration.get("strategy", "ROLLING") != "ROLLING":
        answer |= {"requestedProductionTrafficWeight": weight, "requestedTestTrafficWeight": test_weight}
    return answer


def _hooks(one: Rollout) -> Iterator[Document]:
    for hook in one.hooks:
        answer: Document = {"hookId": hook.id, "targetType": hook.kind, "status": hook.status}
        if hook.expires is not None:
            answer |= {"expiresAt": hook.expires, "timeoutAction": hook.action}
        if hook.target_arn:
            answer["targetArn"] = hook.target_arn
        yield answer
