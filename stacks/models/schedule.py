"""When something runs by the clock."""

from typing import Annotated, Final

from pydantic import AfterValidator, StringConstraints

SCHEDULE_PATTERN: Final = (
    r"^(rate\((1 (minute|hour|day)|([2-9]|[1-9]\d+) (minutes|hours|days))\)|cron\(\S+( \S+){5}\))$"
)


def _one_kind_of_day(value: str) -> str:
    if value.startswith("cron("):
        _, _, day_of_month, _, day_of_week, _ = value.split(" ")
        if (day_of_month == "?") == (day_of_week == "?"):
            raise ValueError("exactly one of the third and fifth field must be ?, as in cron(0 3 * * ? *)")
    return value


Schedule = Annotated[str, StringConstraints(pattern=SCHEDULE_PATTERN), AfterValidator(_one_kind_of_day)]
"""`rate(5 minutes)` or `cron(0 3 * * ? *)`, in UTC (EventBridge user guide, schedules)."""
