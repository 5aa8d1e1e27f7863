"""Messages: none is lost without a trace, and what AWS would refuse or drop is seen before. Not on the checklist."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from policies import alarms, kinds
from policies.expect import expect_joined, unknown
from policies.graph import Graph, Resource, Service
from policies.rule import (
    ADVICE,
    ALWAYS,
    FUNCTIONS,
    SUPPORTED,
    Fail,
    Meta,
    NotApplicable,
    Outcome,
    Remedy,
    service_rule,
    stack_rule,
)
from policies.rules.identity import statements
from policies.values import UNKNOWN, Value, get, has_unknown, number, texts
from stacks.limits import EVENTBRIDGE_TARGETS_MAX
from stacks.standards import QUEUE_MAX_RECEIVE, QUEUE_RETENTION_DAYS

_SQS_URL: Final = "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide"
_SNS_URL: Final = "https://docs.aws.amazon.com/sns/latest/dg"
_DAY_SECONDS: Final = 86_400
_SNS: Final = "sns.amazonaws.com"
_REDRIVE: Final = "redrivePolicy"
_NOT_FUNCTIONS: Final = tuple(compute for compute in SUPPORTED if compute not in FUNCTIONS)
"""The queue of a function has a rule of its own, which knows its timeout as well."""


@service_rule(
    Meta(
        id="queue-redrive",
        item=None,
        title="A message that failed three times goes to a dead-letter queue",
        why="Without one it comes back for days, and then it is gone.",
        fix=f"set redrivePolicy of the queue: a dead-letter queue of the service, maxReceiveCount {QUEUE_MAX_RECEIVE}",
        severity="high",
        url=f"{_SQS_URL}/sqs-dead-letter-queues.html",
        frameworks=("REL05-BP04",),
        applies=_NOT_FUNCTIONS,
    )
)
def queue_redrive(service: Service, graph: Graph) -> Iterator[Outcome]:
    """One of the service's queues has a redrive policy to a queue of this stack, after three attempts at most."""
    if not service.stated("queue"):
        yield NotApplicable(because="no messages wait for the service")
        return
    queues = service.of(kinds.QUEUE)
    if any(_is_redriven(queue, graph) for queue in queues):
        return
    waiting = next((queue for queue in queues if queue.get(_REDRIVE) is UNKNOWN), None)
    if waiting is not None:
        yield unknown(waiting, _REDRIVE)
    else:
        message = f"no queue of {service.name} gives up after {QUEUE_MAX_RECEIVE} attempts"
        yield _unless_unnamed(graph, Fail(message=message))


def _is_redriven(queue: Resource, graph: Graph) -> bool:
    policy = graph.parsed(queue, _REDRIVE)
    attempts = number(get(policy, "maxReceiveCount"))
    return bool(_dead_letters(policy, graph)) and isinstance(attempts, float) and attempts <= QUEUE_MAX_RECEIVE


def _dead_letters(policy: Value, graph: Graph) -> list[Resource]:
    arns = texts(get(policy, "deadLetterTargetArn"))
    return [queue for arn in arns for queue in graph.named(arn, kinds.QUEUE)]


def _unless_unnamed(graph: Graph, fail: Fail) -> Outcome:
    """A queue without a name yet may be the one that is looked for."""
    unnamed = next((queue for queue in graph.of(kinds.QUEUE) if queue.get("name") is UNKNOWN), None)
    return fail if unnamed is None else unknown(unnamed, "name")


@stack_rule(
    Meta(
        id="queue-retention",
        item=None,
        title=f"Every queue keeps messages for {QUEUE_RETENTION_DAYS} days",
        why="A consumer that stands still over a long weekend loses nothing then.",
        fix=f"set messageRetentionSeconds of the queue to {QUEUE_RETENTION_DAYS * _DAY_SECONDS}",
        severity="medium",
        url=f"{_SQS_URL}/sqs-configure-queue-parameters.html",
        levels=ADVICE,
        frameworks=("REL04-BP02",),
    ),
    Remedy(types=(kinds.QUEUE,), path="messageRetentionSeconds", value=QUEUE_RETENTION_DAYS * _DAY_SECONDS),
)
def queue_retention(graph: Graph) -> Iterator[Outcome]:
    """The retention is the longest that there is."""
    path = "messageRetentionSeconds"
    for queue in graph.of(kinds.QUEUE):
        seconds = number(queue.get(path))
        if seconds is UNKNOWN:
            yield unknown(queue, path)
        elif (seconds or 0) < QUEUE_RETENTION_DAYS * _DAY_SECONDS:
            message = f"{queue.name} forgets messages before {QUEUE_RETENTION_DAYS} days are over"
            yield Fail(resource=queue, path=path, message=message)


@stack_rule(
    Meta(
        id="subscription-dead-letters",
        item=None,
        title="What a topic cannot deliver to a queue is kept",
        why="A queue whose policy or key is wrong for an hour loses every message of that hour.",
        fix="set redrivePolicy of the subscription to the dead-letter queue of its consumer",
        severity="medium",
        url=f"{_SNS_URL}/sns-dead-letter-queues.html",
        levels=ADVICE,
        frameworks=("REL05-BP04",),
    ),
)
def subscription_dead_letters(graph: Graph) -> Iterator[Outcome]:
    """Every subscription of a queue names a queue of this stack for what fails."""
    for subscription in _to_queues(graph):
        if subscription.get(_REDRIVE) is UNKNOWN:
            yield unknown(subscription, _REDRIVE)
        elif not _dead_letters(graph.parsed(subscription, _REDRIVE), graph):
            message = f"{subscription.name} keeps nothing of what it cannot deliver"
            yield _unless_unnamed(graph, Fail(resource=subscription, path=_REDRIVE, message=message))


@stack_rule(
    Meta(
        id="subscription-allowed",
        item=None,
        title="Every queue that is subscribed to a topic lets SNS in",
        why="Otherwise SNS drops each message, and both sides look healthy.",
        fix="add a QueuePolicy that allows sns.amazonaws.com sqs:SendMessage, with aws:SourceArn of the topic",
        severity="high",
        url=f"{_SNS_URL}/subscribe-sqs-queue-to-sns-topic.html",
        frameworks=("REL04-BP02",),
    ),
)
def subscription_allowed(graph: Graph) -> Iterator[Outcome]:
    """The policy of the queue has a statement for SNS."""

    def lets_in(policy: Resource) -> bool:
        document = graph.parsed(policy, "policy")
        return any(_is_for_sns(statement) for statement in statements(document))

    for subscription in _to_queues(graph):
        for queue in graph.refers(subscription, "endpoint", kinds.QUEUE):
            message = f"{queue.name} lets SNS deliver nothing, and {subscription.name} subscribes it"
            yield from expect_joined(graph, queue, kinds.QUEUE_POLICY, "queueUrl", lets_in, message)


def _is_for_sns(statement: Value) -> bool:
    return get(statement, "Effect") == "Allow" and _SNS in texts(get(statement, "Principal.Service"))


def _to_queues(graph: Graph) -> Iterator[Resource]:
    return (each for each in graph.of(kinds.TOPIC_SUBSCRIPTION) if each.get("protocol") == "sqs")


@stack_rule(
    Meta(
        id="dead-letter-alarm",
        item=None,
        title="Every dead-letter queue has an alarm",
        why="A dead-letter queue that nobody looks at is a slower way to lose messages.",
        fix="add a MetricAlarm on ApproximateNumberOfMessagesVisible of the dead-letter queue, above 0",
        severity="high",
        url=f"{_SQS_URL}/dead-letter-queues-alarms-cloudwatch.html",
        frameworks=("REL05-BP04", "REL06-BP03"),
    ),
)
def dead_letter_alarm(graph: Graph) -> Iterator[Outcome]:
    """An alarm names each queue that another queue gives messages up to."""
    watched = {name for alarm in graph.of(kinds.METRIC_ALARM) for name in alarms.dimension_values(alarm)}
    waiting = next((alarm for alarm in graph.of(kinds.METRIC_ALARM) if has_unknown(alarm.get("dimensions"))), None)
    for queue in graph.of(kinds.QUEUE):
        for dead in _dead_letters(graph.parsed(queue, _REDRIVE), graph):
            if dead.physical_name not in watched:
                message = f"no alarm says when messages of {queue.name} are given up"
                yield unknown(waiting, "dimensions") if waiting else Fail(resource=dead, message=message)


@stack_rule(
    Meta(
        id="event-rule-targets",
        item=None,
        title=f"No event rule has more than {EVENTBRIDGE_TARGETS_MAX} targets",
        why="EventBridge refuses the next one in the middle of a deployment.",
        fix="point the rule at an SNS topic, and subscribe the others to that",
        severity="high",
        url="https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html",
        levels=ALWAYS,
        frameworks=("REL01-BP03",),
    ),
)
def event_rule_targets(graph: Graph) -> Iterator[Outcome]:
    """The targets that name one rule are not too many."""
    targets: defaultdict[str, list[Resource]] = defaultdict(list)
    for target in graph.of(kinds.EVENT_TARGET):
        rules = graph.refers(target, "rule", kinds.EVENT_RULE)
        if not rules and target.get("rule") is UNKNOWN:
            yield unknown(target, "rule")
        for rule in rules:
            targets[rule.urn].append(target)
    for found in targets.values():
        for target in found[EVENTBRIDGE_TARGETS_MAX:]:
            message = f"{target.name} is one target more than a rule can have"
            yield Fail(resource=target, path="rule", message=message)
