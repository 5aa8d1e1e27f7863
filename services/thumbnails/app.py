"""Hears of an upload (S3, by way of EventBridge), and is where the thumbnail would be made."""

import json
import logging

LOG = logging.getLogger()
LOG.setLevel(logging.INFO)


def handler(event: dict[str, dict[str, object]], _context: object) -> dict[str, str]:
    """Log which object came, as one JSON line that Logs Insights can read."""
    detail = event["detail"]
    LOG.info(json.dumps({"message": "upload", "bucket": detail["bucket"], "object": detail["object"]}))
    return {"status": "seen"}
