"""When something runs by the clock."""

from typing import Annotated

from pydantic import AfterValidator, StringConstraints

from stacks.models.function_events import SCHEDULE_PATTERN


def _one_kind_of_day(value: str) -> str:
    if value.startswith("cron("):
        _, _, day_of_month, _, day_of_week, _ = value.split(" ")
        if (day_of_month == "?") == (day_of_week == "?"):
            raise ValueError("exactly one of the third and fifth field must be ?, as in cron(0 3 * * ? *)")
    return value


Schedule = Annotated[str, StringConstraints(pattern=SCHEDULE_PATTERN), AfterValidator(_one_kind_of_day)]
"""`rate(5 minutes)` or `cron(0 3 * * ? *)`, in UTC (EventBridge Scheduler user guide, schedule types)."""
