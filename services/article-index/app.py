"""Takes published articles from its queue; what fails is reported one by one, so that only that comes again."""

import json
import logging
import time

LOG = logging.getLogger()
LOG.setLevel(logging.INFO)


def count(metric: str, number: int) -> None:
    """One line in the embedded metric format, of which CloudWatch Logs makes a metric; nothing waits for it."""
    about: dict[str, object] = {
        "Namespace": "article-index",
        "Dimensions": [[]],
        "Metrics": [{"Name": metric, "Unit": "Count"}],
    }
    moment = int(time.time() * 1000)
    print(json.dumps({"_aws": {"Timestamp": moment, "CloudWatchMetrics": [about]}, metric: number}))  # noqa: T201 - Lambda logs what is printed


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
    count("ArticlesIndexed", len(event["Records"]) - len(failed))
    return {"batchItemFailures": failed}
