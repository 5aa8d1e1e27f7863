"""How much of AWS's quotas a service takes by its compute type, on top of what every service does."""

from functools import singledispatch

from stacks.models import AppRunnerSpec, EndpointSpec, ExpressSpec, FargateSpec, FunctionSpec, Service


@singledispatch
def of_its_compute_type(service: Service) -> dict[str, int]:
    """By quota; what it does not name, it needs nothing of.

    Raises:
        TypeError: for a compute type that is not counted.
    """
    raise TypeError(f"no quota counts for {type(service).__name__}")


@of_its_compute_type.register
def _of_fargate(service: FargateSpec) -> dict[str, int]:
    if service.schedule is not None:
        return {
            "cloudwatch-alarms": 4,  # memory, starts, runs, dead letters
            "ecr-repositories": 1,
            "iam-roles": 3,  # task, execution, and the one that starts it
            "schedule-groups": 1,
        }
    routed = service.route is not None
    shifts, stepped = service.rollout.shifts, service.rollout.is_stepped
    return {
        "alb-rules": int(routed),
        "alb-target-groups": routed * (1 + shifts),
        "cloudwatch-alarms": 3 * (1 + stepped),  # CPU, memory, running tasks
        "codedeploy-applications": int(service.rollout.by_codedeploy),
        "ecr-repositories": 1,
        "ecs-services": 1 + stepped,
        # Task, execution, the one that moves the load balancer's traffic, and the one that asks hooks.
        "iam-roles": 2 + (shifts and not stepped) + bool(service.rollout.hooks),
        "target-groups": routed * (1 + shifts),
    }


@of_its_compute_type.register
def _of_function(service: FunctionSpec) -> dict[str, int]:
    routed = service.has_target_groups
    return {
        "alb-rules": int(routed),
        "alb-target-groups": int(routed),
        "api-requests": service.web_socket.rate if service.web_socket is not None else 0,
        # Errors, duration, throttles, concurrency, memory twice, dead letters; and how far it is behind its streams.
        "cloudwatch-alarms": 7 + bool(service.streams),
        "codedeploy-applications": int(not service.rollout.is_stepped),
        "eventbridge-rules": (service.schedule is not None) + (service.events is not None),
        "ecr-repositories": int(service.is_image),
        "iam-roles": 1 + (not service.rollout.is_stepped),  # execution, CodeDeploy
        "lambda-concurrency": 0 if service.instances is not None else service.scaling.max,
        "target-groups": int(routed),
    }


@of_its_compute_type.register
def _of_endpoint(service: EndpointSpec) -> dict[str, int]:
    # Errors, latency, overhead and memory; then CPU and load of instances, or concurrency without them.
    of_a_variant = 4 + (2 if service.scaling is not None else 1) + 2 * (service.form == "multi-model")
    return {
        # The brake is one of the endpoint; a transform job is watched for failures and for missing starts.
        "cloudwatch-alarms": of_a_variant * len(service.by_variant) + service.is_guarded if service.is_endpoint else 2,
        "ecr-repositories": int(any(source.has_own_repository for source in service.sources)),
        "iam-roles": 1 + (not service.is_endpoint),  # the model's, and the one that starts jobs
    }


@of_its_compute_type.register
def _of_app_runner(service: AppRunnerSpec) -> dict[str, int]:
    """Its configurations are named, and there are few names."""
    return {
        "apprunner-configurations": 1,
        "apprunner-services": 1,
        # Errors, latency, CPU, memory, and whether it can still grow.
        "cloudwatch-alarms": 4 + (service.scaling.max > service.scaling.min),
        "ecr-repositories": 1,
        "iam-roles": 3,  # process, pull, log retention
        "security-groups": int(not service.public),  # of its endpoint
    }


@of_its_compute_type.register
def _of_express(_service: ExpressSpec) -> dict[str, int]:
    """With what AWS makes for it and nobody sees in the graph."""
    return {
        "cloudwatch-alarms": 4,  # CPU, memory, running tasks, and the one with which AWS rolls back
        "ecr-repositories": 1,
        "ecs-services": 1,
        "iam-roles": 3,  # process, execution, infrastructure
        "security-groups": 1,  # the one that AWS adds
        "target-groups": 2,  # those between which AWS shifts
    }
