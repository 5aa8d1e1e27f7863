"""What is watched of an Express service: what ECS measures of its tasks.

Errors and response time are measured at a load balancer that AWS owns and names after the preview; ECS watches its
errors itself while it deploys. Missing tasks are therefore the application's symptom here, as they are of a service
without a route.
"""

from components.signals import containers
from components.signals.alarm import Alarm
from components.signals.widget import Widget
from stacks.models import Alarms


def alarms(limits: Alarms, cluster: str, service: str) -> list[Alarm]:
    """CPU, memory and missing tasks, as of a Fargate service that no load balancer of ours fronts."""
    return containers.alarms(limits, cluster, [service], is_routed=False)


def widgets(cluster: str, service: str) -> list[Widget]:
    """Saturation, and how many tasks run."""
    return containers.widgets(cluster, [service])
