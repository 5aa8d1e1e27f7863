"""Takes published articles from its queue; what fails is reported one by one, so that only that comes again."""

import json
import logging

LOG = logging.getLogger()
LOG.setLevel(logging.INFO)


def handler(event: dict[str, list[dict[str, str]]], _context: object) -> dict[str, list[dict[str, str]]]:
    """Log each article; answer with the messages that could not be read."""
    failed: list[dict[str, str]] = []
    for record in event["Records"]:
        try:
            article = json.loads(record["body"])
        except json.JSONDecodeError:
            LOG.exception("not JSON: %s", record["messageId"])
            failed.append({"itemIdentifier": record["messageId"]})
            continue
        LOG.info(json.dumps({"message": "indexed", "id": article.get("id")}))
    return {"batchItemFailures": failed}
