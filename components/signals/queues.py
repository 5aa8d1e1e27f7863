"""What is watched of a queue: how long messages wait, and which were given up."""

from components.signals.alarm import Alarm, Metric
from components.signals.widget import Widget
from stacks.models import Alarms
from stacks.source import Json


def alarms(limits: Alarms, queue: str, dead: str) -> list[Alarm]:
    """Messages that wait too long, and messages that were given up."""
    return [
        Alarm(
            key="queue-age",
            summary=f"the oldest message waits longer than {limits.queue_age_seconds} s",
            metrics=[_queue_metric("ApproximateAgeOfOldestMessage", queue)],
            threshold=limits.queue_age_seconds,
            symptom="application",
        ),
        dead_letter_alarm("queue-dead", dead),
    ]


def dead_letter_alarm(key: str, queue: str) -> Alarm:
    """Anything at all in a dead-letter queue."""
    return Alarm(
        key=key,
        summary="messages were given up and wait in the dead-letter queue",
        metrics=[_queue_metric("ApproximateNumberOfMessagesVisible", queue)],
        threshold=0,
        symptom="application",
        # Never a rollback alarm: one message that nobody has looked at yet would stop every deployment.
    )


def widgets(queue: str, dead: str) -> list[Widget]:
    """How much waits, for how long, and what was given up."""

    def row(metric: str, name: str, stat: str) -> Json:
        return ["AWS/SQS", metric, "QueueName", name, {"stat": stat}]

    return [
        Widget(
            title="Queue (messages)",
            metrics=[
                row("ApproximateNumberOfMessagesVisible", queue, "Maximum"),
                row("ApproximateNumberOfMessagesVisible", dead, "Maximum"),
            ],
        ),
        Widget(title="Queue (age in seconds)", metrics=[row("ApproximateAgeOfOldestMessage", queue, "Maximum")]),
    ]


def _queue_metric(name: str, queue: str) -> Metric:
    return Metric(id="m", namespace="AWS/SQS", name=name, dimensions={"QueueName": queue}, stat="Maximum")
