"""Answers the load balancer: the health check, and everything under /api."""

import json
import time


def count(metric: str, number: int) -> None:
    """One line in the embedded metric format, of which CloudWatch Logs makes a metric; nothing waits for it."""
    about: dict[str, object] = {
        "Namespace": "lambda-api",
        "Dimensions": [[]],
        "Metrics": [{"Name": metric, "Unit": "Count"}],
    }
    moment = int(time.time() * 1000)
    print(json.dumps({"_aws": {"Timestamp": moment, "CloudWatchMetrics": [about]}, metric: number}))  # noqa: T201 - Lambda logs what is printed


def handler(event: dict[str, str], _context: object) -> dict[str, object]:
    """A response as the load balancer wants it."""
    if event["path"] != "/health":
        count("RequestsAnswered", 1)
    body = {"status": "ok"} if event["path"] == "/health" else {"path": event["path"]}
    return {
        "statusCode": 200,
        "statusDescription": "200 OK",
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
    }
