"""Application load balancers: rules with weights, and the time until a new weight is in force."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, TypeAlias

from simulator.world.api import AwsError, Document, Operations, arn
from simulator.world.clock import Clock
from simulator.world.metrics import Metrics
from simulator.world.targets import TargetGroup
from simulator.world.timeline import Timeline

WEIGHT: Final = (0, 999)
"""ELB API, TargetGroupTuple."""
GROUPS_IN_A_FORWARD: Final = 5
"""Target groups of one action (ELB quotas)."""
STICKINESS_SECONDS: Final = (1, 604_800)
"""ELB API, TargetGroupStickinessConfig."""
PROPAGATION_SECONDS: Final = 8.0
"""Until the nodes of a load balancer go by a changed rule; AWS states no number, users report some seconds."""

Weights: TypeAlias = Mapping[str, int]
"""Target group's ARN -> weight."""


@dataclass(kw_only=True, slots=True)
class Rule:
    """A rule of a listener; its default action is one too (`default`), with the listener's ARN."""

    arn: str
    listener: str
    load_balancer: str
    priority: str
    path: str
    actions: list[Document]
    in_force: Timeline[Weights]

    @property
    def default(self) -> bool:
        """Whether it is the listener's default action."""
        return self.priority == "default"

    @property
    def load_balancer_dimension(self) -> str:
        """How CloudWatch names the load balancer."""
        return self.load_balancer.split("loadbalancer/", 1)[1]


class Elbv2:
    """The service `elbv2`.

    Args:
        clock: weights come into force some time after they are set.
        metrics: what the load balancers publish.
    """

    def __init__(self, clock: Clock, metrics: Metrics) -> None:
        self._clock = clock
        self.metrics = metrics
        self._groups: dict[str, TargetGroup] = {}
        self._rules: dict[str, Rule] = {}
        self.propagation_seconds = PROPAGATION_SECONDS
        self.operations: Operations = {
            "DescribeRules": self._describe_rules,
            "DescribeListeners": self._describe_listeners,
            "DescribeTargetGroups": self._describe_target_groups,
            "DescribeTargetHealth": self._describe_target_health,
            "ModifyRule": self._modify_rule,
            "ModifyListener": self._modify_listener,
        }

    def add_target_group(self, name: str, group_arn: str = "") -> TargetGroup:
        """A target group without targets; with `group_arn`, one that is known elsewhere."""
        group = TargetGroup.named(name, self._clock, len(self._groups) + 1)
        group.arn = group_arn or group.arn
        self._groups[group.arn] = group
        return group

    def add_listener(self, load_balancer: str, weights: Weights) -> Rule:
        """A load balancer of this name with one listener; returns its default action."""
        number = f"{len(self._rules) + 1:016x}"
        balancer_arn = arn("elasticloadbalancing", f"loadbalancer/app/{load_balancer}/{number}")
        listener_arn = arn("elasticloadbalancing", f"listener/app/{load_balancer}/{number}/{number}")
        return self._add(listener_arn, listener_arn, balancer_arn, "default", "", weights)

    def add_rule_of(self, balancer: str, rule_arn: str, weights: Weights) -> Rule:
        """A rule that is known elsewhere, alone at its load balancer, whose name in CloudWatch is `balancer`."""
        balancer_arn = arn("elasticloadbalancing", f"loadbalancer/{balancer}")
        listener = rule_arn.replace(":listener-rule/", ":listener/").rpartition("/")[0]
        return self._add(rule_arn, listener, balancer_arn, str(len(self._rules) + 1), "/*", weights)

    def add_rule(self, listener: str, path: str, weights: Weights) -> Rule:
        """One more rule of a listener: what comes for `path` is split by `weights`."""
        number = len(self._rules) + 1
        rule_arn = f"{listener.replace(':listener/', ':listener-rule/')}/{number:016x}"
        return self._add(rule_arn, listener, self._rules[listener].load_balancer, str(number), path, weights)

    def group(self, group_arn: str) -> TargetGroup:
        """A target group by its ARN."""
        if group_arn not in self._groups:
            raise AwsError(code="TargetGroupNotFound", message=f"Target groups '{group_arn}' not found")
        return self._groups[group_arn]

    def rule(self, rule_arn: str) -> Rule:
        """A rule by its ARN, a default action by its listener's."""
        if rule_arn not in self._rules:
            raise AwsError(code="RuleNotFound", message="One or more rules not found")
        return self._rules[rule_arn]

    def set_weights(self, rule_arn: str, weights: Weights) -> None:
        """Change the weights as another AWS service does; whatever else the action says stays."""
        rule = self.rule(rule_arn)
        action = next(action for action in rule.actions if action["Type"] == "forward")
        action["ForwardConfig"]["TargetGroups"] = _tuples(weights)
        self._put(rule, rule.actions)

    def _add(self, rule_arn: str, listener: str, balancer: str, priority: str, path: str, weights: Weights) -> Rule:
        action: Document = {"Type": "forward", "Order": 1, "ForwardConfig": {"TargetGroups": _tuples(weights)}}
        action["ForwardConfig"]["TargetGroupStickinessConfig"] = {"Enabled": False}
        rule = Rule(
            arn=rule_arn,
            listener=listener,
            load_balancer=balancer,
            priority=priority,
            path=path,
            actions=[action],
            in_force=Timeline(self._clock.now(), dict(weights)),
        )
        self._rules[rule_arn] = rule
        return rule

    def _put(self, rule: Rule, actions: list[Document]) -> None:
        forward = next((action for action in actions if action["Type"] == "forward"), None)
        weights: Weights = {}
        if forward is not None:
            weights = {
                entry["TargetGroupArn"]: entry.get("Weight", 1) for entry in forward["ForwardConfig"]["TargetGroups"]
            }
        rule.actions = actions
        rule.in_force.set(self._clock.now() + timedelta(seconds=self.propagation_seconds), weights)

    def _modify_rule(self, request: Document) -> Document:
        rule = self.rule(request["RuleArn"])
        if rule.default:
            raise AwsError(code="OperationNotPermitted", message="Default rule cannot be modified")
        if "Actions" in request:
            self._put(rule, self._checked(request["Actions"]))
        return {"Rules": [_described_rule(rule)]}

    def _modify_listener(self, request: Document) -> Document:
        rule = self._listener(request["ListenerArn"])
        if "DefaultActions" in request:
            self._put(rule, self._checked(request["DefaultActions"]))
        return {"Listeners": [_described_listener(rule)]}

    def _checked(self, actions: list[Document]) -> list[Document]:
        """The actions as they are kept: a single target group becomes a forward to it with weight 1."""
        kept: list[Document] = []
        for order, action in enumerate(actions, start=1):
            if action["Type"] != "forward":
                kept.append({"Order": order, **action})
                continue
            forward: Document = action.get("ForwardConfig") or {
                "TargetGroups": [{"TargetGroupArn": action["TargetGroupArn"], "Weight": 1}]
            }
            self._check_forward(forward)
            forward.setdefault("TargetGroupStickinessConfig", {"Enabled": False})
            kept.append({"Type": "forward", "Order": action.get("Order", order), "ForwardConfig": forward})
        return kept

    def _check_forward(self, forward: Document) -> None:
        entries: list[Document] = forward["TargetGroups"]
        if not 1 <= len(entries) <= GROUPS_IN_A_FORWARD:
            raise _invalid(f"A forward action has 1 to {GROUPS_IN_A_FORWARD} target groups")
        if len({entry["TargetGroupArn"] for entry in entries}) != len(entries):
            raise _invalid("Target group ARNs must be unique in a forward action")
        for entry in entries:
            self.group(entry["TargetGroupArn"])
            if not WEIGHT[0] <= entry.get("Weight", 1) <= WEIGHT[1]:
                raise _invalid(f"Weight '{entry['Weight']}' must be between {WEIGHT[0]} and {WEIGHT[1]}")
        stickiness: Document = forward.get("TargetGroupStickinessConfig", {})
        seconds = stickiness.get("DurationSeconds")
        if stickiness.get("Enabled") and not (seconds and STICKINESS_SECONDS[0] <= seconds <= STICKINESS_SECONDS[1]):
            raise _invalid("Target group stickiness needs a duration from 1 to 604800 seconds")

    def _listener(self, listener_arn: str) -> Rule:
        rule = self._rules.get(listener_arn)
        if rule is None or not rule.default:
            raise AwsError(code="ListenerNotFound", message="One or more listeners not found")
        return rule

    def _describe_rules(self, request: Document) -> Document:
        if "RuleArns" in request:
            return {"Rules": [_described_rule(self.rule(rule_arn)) for rule_arn in request["RuleArns"]]}
        if "ListenerArn" not in request:
            raise _invalid("Either listener ARN or rule ARNs must be specified")
        self._listener(request["ListenerArn"])
        rules = [rule for rule in self._rules.values() if rule.listener == request["ListenerArn"]]
        return {"Rules": [_described_rule(rule) for rule in sorted(rules, key=lambda rule: rule.default)]}

    def _describe_listeners(self, request: Document) -> Document:
        if "ListenerArns" in request:
            rules = [self._listener(listener_arn) for listener_arn in request["ListenerArns"]]
        else:
            balancer = request.get("LoadBalancerArn")
            rules = [rule for rule in self._rules.values() if rule.default and rule.load_balancer == balancer]
        return {"Listeners": [_described_listener(rule) for rule in rules]}

    def _describe_target_groups(self, request: Document) -> Document:
        arns: list[str] = request.get("TargetGroupArns", [])
        names: list[str] = request.get("Names", [])
        groups = [self.group(group_arn) for group_arn in arns] if arns else list(self._groups.values())
        groups = [group for group in groups if not names or group.name in names]
        if names and len(groups) < len(names):
            raise AwsError(code="TargetGroupNotFound", message="One or more target groups not found")
        return {"TargetGroups": [self._described_group(group) for group in groups]}

    def _described_group(self, group: TargetGroup) -> Document:
        users = {rule.load_balancer for rule in self._rules.values() if group.arn in str(rule.actions)}
        return {
            "TargetGroupArn": group.arn,
            "TargetGroupName": group.name,
            "Protocol": "HTTP",
            "Port": 80,
            "TargetType": "ip",
            "LoadBalancerArns": sorted(users),
        }

    def _describe_target_health(self, request: Document) -> Document:
        wanted = {target["Id"] for target in request.get("Targets", [])}
        found = self.group(request["TargetGroupArn"]).descriptions()
        return {"TargetHealthDescriptions": [one for one in found if not wanted or one["Target"]["Id"] in wanted]}


def _tuples(weights: Weights) -> list[Document]:
    return [{"TargetGroupArn": group, "Weight": weight} for group, weight in weights.items()]


def _described_actions(rule: Rule) -> list[Document]:
    """As AWS shows them: a forward to only one target group names it at the top as well."""
    shown: list[Document] = []
    for action in rule.actions:
        groups: list[Document] = action.get("ForwardConfig", {}).get("TargetGroups", [])
        alone = {"TargetGroupArn": groups[0]["TargetGroupArn"]} if len(groups) == 1 else {}
        shown.append({**action, **alone})
    return shown


def _described_rule(rule: Rule) -> Document:
    conditions: list[Document] = []
    if rule.path:
        conditions = [{"Field": "path-pattern", "Values": [rule.path], "PathPatternConfig": {"Values": [rule.path]}}]
    return {
        "RuleArn": rule.arn,
        "Priority": rule.priority,
        "Conditions": conditions,
        "Actions": _described_actions(rule),
        "IsDefault": rule.default,
    }


def _described_listener(rule: Rule) -> Document:
    return {
        "ListenerArn": rule.listener,
        "LoadBalancerArn": rule.load_balancer,
        "Port": 443,
        "Protocol": "HTTPS",
        "DefaultActions": _described_actions(rule),
    }


def _invalid(message: str) -> AwsError:
    return AwsError(code="ValidationError", message=message)
