"""What is watched of transform jobs: those that failed, and those that never started."""

from dataclasses import replace

from components.signals.alarm import Alarm, Metric
from components.signals.queues import dead_letter_alarm
from components.signals.widget import Widget


def alarms(failed_rule: str, dead: str) -> list[Alarm]:
    """A job that failed, counted by the rule that sees it, and a start that waits in the dead-letter queue."""
    of_rule = Metric(
        id="m", namespace="AWS/Events", name="TriggeredRules", dimensions={"RuleName": failed_rule}, stat="Sum"
    )
    return [
        Alarm(key="failed", summary="a transform job failed", metrics=[of_rule], threshold=0, symptom="application"),
        replace(
            dead_letter_alarm("unstarted", dead), summary="a transform job could not start", symptom="infrastructure"
        ),
    ]


def widgets(failed_rule: str, dead: str) -> list[Widget]:
    """How many failed, and how many did not start."""
    return [
        Widget(
            title="Jobs that failed",
            metrics=[["AWS/Events", "TriggeredRules", "RuleName", failed_rule, {"stat": "Sum"}]],
        ),
        Widget(
            title="Jobs that did not start",
            metrics=[["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", dead, {"stat": "Maximum"}]],
        ),
    ]
