"""Answers the load balancer: the health check, and everything under /api."""

import json


def handler(event: dict[str, str], _context: object) -> dict[str, object]:
    """A response as the load balancer wants it."""
    body = {"status": "ok"} if event["path"] == "/health" else {"path": event["path"]}
    return {
        "statusCode": 200,
        "statusDescription": "200 OK",
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body),
    }
