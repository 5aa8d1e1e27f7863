"""What is watched of a probe: whether the service answers whoever asks from the internet."""

from components.signals.alarm import FIVE_MINUTES, MINUTE, Alarm, Metric
from stacks.standards import ALARM_PROBE_SUCCESS_PERCENT


def alarms(canary: str, every_minutes: int) -> list[Alarm]:
    """Runs of the probe that fail, over two periods that each hold a run."""
    period = max(FIVE_MINUTES, every_minutes * MINUTE)
    success = Metric(
        id="m",
        namespace="CloudWatchSynthetics",
        name="SuccessPercent",
        dimensions={"CanaryName": canary},
        stat="Average",
        period=period,
    )
    return [
        Alarm(
            key="probe",
            summary=f"less than {ALARM_PROBE_SUCCESS_PERCENT} % of probes from the internet are answered",
            metrics=[success],
            threshold=ALARM_PROBE_SUCCESS_PERCENT,
            comparison="LessThanThreshold",
            periods=2,
            symptom="application",
        )
    ]
