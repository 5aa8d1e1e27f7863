"""What is watched of a function behind the HTTP API: the server errors that the API answered, and its response time."""

from components.signals.alarm import Alarm, Metric
from components.signals.widget import Widget
from stacks.models import Alarms


def alarms(limits: Alarms, namespace: str, errors: str, function: str) -> list[Alarm]:
    """Server errors, counted in the API's access log, and the duration as the caller feels it; both end a rollout."""
    duration = Metric(
        id="m", namespace="AWS/Lambda", name="Duration", dimensions={"FunctionName": function}, stat="p99"
    )
    return [
        Alarm(
            key="http-5xx",
            summary=f"more than {limits.http_5xx} server errors in five minutes",
            metrics=[Metric(id="m", namespace=namespace, name=errors, dimensions={}, stat="Sum")],
            threshold=limits.http_5xx,
            symptom="application",
            rollback=True,
        ),
        Alarm(
            key="latency",
            summary=f"p99 of the response time above {limits.latency_p99_ms} ms",
            metrics=[duration],
            threshold=limits.latency_p99_ms,
            periods=2,
            symptom="application",
            rollback=True,
        ),
    ]


def widgets(namespace: str, errors: str) -> list[Widget]:
    """The server errors that the API answered; the rest of what it sees is on the function's own graphs."""
    return [Widget(title="Errors (responses a minute)", metrics=[[namespace, errors, {"stat": "Sum"}]])]
