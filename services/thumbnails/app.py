"""Hears of an upload (S3, by way of EventBridge), and is where the thumbnail would be made."""

import json
import logging
import time

LOG = logging.getLogger()
LOG.setLevel(logging.INFO)


def count(metric: str, number: int) -> None:
    """One line in the embedded metric format, of which CloudWatch Logs makes a metric; nothing waits for it."""
    about: dict[str, object] = {
        "Namespace": "thumbnails",
        "Dimensions": [[]],
        "Metrics": [{"Name": metric, "Unit": "Count"}],
    }
    moment = int(time.time() * 1000)
    print(json.dumps({"_aws": {"Timestamp": moment, "CloudWatchMetrics": [about]}, metric: number}))  # noqa: T201 - Lambda logs what is printed


def handler(event: dict[str, dict[str, object]], _context: object) -> dict[str, str]:
    """Log which object came, as one JSON line that Logs Insights can read."""
    detail = event["detail"]
    LOG.info(json.dumps({"message": "upload", "bucket": detail["bucket"], "object": detail["object"]}))
    count("UploadsSeen", 1)
    return {"status": "seen"}
