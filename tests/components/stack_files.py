"""Stack files that are valid and otherwise arbitrary: every compute type, with most of what each can have."""

import json
from collections.abc import Iterator, Mapping
from typing import Final

from hypothesis import strategies as st

from simulator.graph import Json
from tests.components.conftest import ACCOUNT, DIGEST, stack_text

NAMES: Final = ("news", "news-two", "web", "mail-worker", "x" * 60)
Spec = dict[str, Json]
_IMAGE: Final = "683313688378.dkr.ecr.us-east-1.amazonaws.com/xgboost:1.7-1"
_PIPELINE: Final = f"""\
ledger: dynamodb
pipeline:
  connection: arn:aws:codeconnections:eu-west-1:{ACCOUNT}:connection/0a1b2c3d-1111-2222-3333-444455556666
  repository: example/platform
  deployRole: onramp-deploy
  token: pulumi-token
"""
_API: Final = "api: {rate: 77}\n"


def _optional(values: Mapping[str, st.SearchStrategy[Json]]) -> st.SearchStrategy[Spec]:
    return st.fixed_dictionaries({}, optional=dict(values))


def _one_of(*specs: Spec) -> st.SearchStrategy[Json]:
    return st.sampled_from(specs).map(dict[str, Json])


_ANY: Final[dict[str, st.SearchStrategy[Json]]] = {
    "secrets": st.lists(
        st.sampled_from(["DATABASE_URL", "ORDERS_DB_URL", "CACHE_URL", "API_TOKEN"]), unique=True, max_size=3
    ).map(list[Json]),
    "config": st.dictionaries(st.sampled_from(["MODE", "CURRENCY"]), st.just("x"), max_size=2).map(dict[str, Json]),
    "stores": _optional(
        {
            "table": st.just({"kind": "dynamodb", "partitionKey": "id", "stream": True}),
            "main": st.just({"kind": "aurora-postgres"}),
            "old": st.just({"kind": "rds-postgres"}),
        }
    ),
    "owner": st.just("sales"),
}
_TALKING: Final = {
    **_ANY,
    "publishes": st.lists(st.sampled_from(["placed", "placed-two"]), unique=True, max_size=2).map(list[Json]),
}
_ROUTED: Final[dict[str, st.SearchStrategy[Json]]] = {
    **_TALKING,
    "queue": _one_of({}),
    "route": st.sampled_from(["path", "host", "api"]),
}
_FARGATE: Final = _optional(
    {
        **_ROUTED,
        "port": st.sampled_from([80, 8000, 65535]),
        "cpu": st.just(1024),
        "scaling": st.just({"min": 1, "max": 3}),
        "discovery": _one_of({"cloudMap": True}, {"serviceConnect": False}),
        "health": st.just({"path": "/up", "intervalSeconds": 10}),
        "spot": st.sampled_from([True, False]),
        "rollout": _one_of(
            {"strategy": "canary", "pause": True},
            {"strategy": "blue-green", "controller": "codedeploy"},
            {"strategy": "stepped"},
        ),
    }
)
_TASK: Final = _optional({**_TALKING, "cpu": st.just(1024), "spot": st.sampled_from([True, False])})
_LAMBDA: Final = _optional(
    {
        **_ROUTED,
        "schedule": st.sampled_from(["rate(1 minute)", "cron(0 3 * * ? *)"]),
        "events": st.just({"source": "aws.s3", "detailType": "Object Created"}),
        "streams": st.just({"clicks": {"source": f"arn:aws:kinesis:eu-west-1:{ACCOUNT}:stream/clicks"}}),
        "functionUrl": st.just(value=True),
        "webSocket": _one_of({}, {"actions": ["send"], "rate": 11}),
        "instances": st.just({}),
        "package": st.just("image"),
        "timeout": st.sampled_from([1, 30, 900]),
        "batch": st.sampled_from([1, 10, 100]),
        "runtime": st.sampled_from(["python3.13", "nodejs22.x", "java21"]),
        "rollout": _one_of({"strategy": "canary", "percent": 20}, {"strategy": "all-at-once"}, {"strategy": "stepped"}),
    }
)
_WEB: Final = _optional({**_TALKING, "public": st.booleans(), "scaling": st.just({"min": 2, "max": 2})})
_MODEL: Final[dict[str, Json]] = {"package": "churn", "data": "s3://models/churn/"}
_FORMS: Final[tuple[Spec, ...]] = (
    {"model": _MODEL},
    {"model": _MODEL, "rollout": {"strategy": "stepped", "steps": [10, 100]}},
    {"form": "multi-model", "model": {"image": _IMAGE, "data": "s3://models/tenants/"}},
    {"form": "pipeline", "containers": [{"image": _IMAGE}, {"data": "s3://m-a/last.tar.gz"}]},
    {
        "form": "variants",
        "model": _MODEL,
        "variants": {"new": {"weight": 1}, "old": {"weight": 9, "model": {"version": 3}}},
    },
    {"form": "serverless", "model": {"data": "s3://m-a/small.tar.gz"}},
    {"form": "batch", "model": _MODEL, "batch": {"schedule": "rate(1 day)", "input": "s3://inbox/new/"}},
)


@st.composite
def stack_files(draw: st.DrawFn) -> str:
    """The text of a stack file with one to three services, all of them released."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1, max_size=3))
    services = {name: _service(draw, name) for name in names}
    _connect(draw, services)
    tier = draw(st.sampled_from(["dev", "staging", "prod"]))
    images = {
        name: "3" if spec.get("model") == _MODEL else DIGEST for name, spec in services.items() if _is_image(spec)
    }
    return stack_text(json.dumps(services), tier=tier, images=images, environment=_environment(draw, services, tier))


def _environment(draw: st.DrawFn, services: Mapping[str, Spec], tier: str) -> str:
    """What the services ask for, and what they need not have."""
    found = f"probes: {json.dumps(draw(st.booleans()))}\nfirewall: {json.dumps(draw(st.booleans()))}\n"
    specs = services.values()
    if any("ingress" in spec for spec in specs) or draw(st.booleans()):
        found += _API
    if any("instances" in spec for spec in specs) or draw(st.booleans()):
        found += "capacity: {}\n"
    if any("webSocket" in spec for spec in specs) or draw(st.booleans()):
        found += "webSockets: true\n"
    if draw(st.booleans()):
        found += _PIPELINE + ("  promotesFrom: staging\n" if tier == "prod" else "")
    return found


def _service(draw: st.DrawFn, name: str) -> Spec:
    match draw(st.sampled_from(["fargate", "task", "lambda", "sagemaker", "apprunner", "express"])):
        case "fargate":
            return _container(name, {"compute": "fargate", **draw(_FARGATE)})
        case "task":
            return _sized({"compute": "fargate", "schedule": "rate(1 day)", **draw(_TASK)})
        case "lambda":
            return _function(name, {"compute": "lambda", **draw(_LAMBDA)})
        case "sagemaker":
            return _model({"compute": "sagemaker", **draw(st.sampled_from(_FORMS)), **draw(_optional(_ANY))})
        case web:
            return {"compute": web, "port": 80, **draw(_WEB)}


def _is_image(spec: Spec) -> bool:
    if spec["compute"] == "sagemaker":
        return spec.get("form") != "multi-model"
    return spec["compute"] != "lambda" or "package" in spec


def _sized(spec: Spec) -> Spec:
    return {**spec, "memory": 2048} if "cpu" in spec else spec


def _container(name: str, spec: Spec) -> Spec:
    """With what its keys ask for, and without what they forbid."""
    found = _sized(_routed(name, spec))
    if "route" not in found:
        found.pop("rollout", None)
    if "route" in found or found.get("discovery") == {"cloudMap": True}:
        found.setdefault("port", 80)
    if _is_rolled_out(found, "controller", "codedeploy"):
        found.pop("spot", None)
    if _has_two_sides(found):
        found = {key: value for key, value in found.items() if key not in {"discovery", "queue"}}
    return found


def _has_two_sides(spec: Spec) -> bool:
    """Whether it has tasks on two sides: what no weight divides, callers without the route and messages, is refused."""
    return spec["compute"] == "fargate" and _is_rolled_out(spec, "strategy", "stepped")


def _is_rolled_out(spec: Spec, key: str, value: str) -> bool:
    rollout = spec.get("rollout")
    return isinstance(rollout, dict) and rollout.get(key) == value


def _function(name: str, spec: Spec) -> Spec:
    """With its code, and on what it can run."""
    found = _routed(name, spec)
    if "package" in found:
        found.pop("runtime", None)
    else:
        found = {"handler": "app.handler", "runtime": "python3.13", "source": "./services/thumbnails", **found}
    if "ingress" in found:
        found["timeout"] = 20
    if "instances" in found:
        found |= {"memory": 2048, "stores": {}}
    return found


def _routed(name: str, spec: Spec) -> Spec:
    """With a route of its own; `api` is behind the HTTP API."""
    found = dict(spec)
    if "route" in found:
        if found["route"] == "api":
            found["ingress"] = "api-gateway"
        found["route"] = f"{name[:20]}.example.com/*" if found["route"] == "host" else f"/{name}/*"
    return found


def _model(spec: Spec) -> Spec:
    """A serverless endpoint is in no network."""
    return {**spec, "stores": {}} if spec.get("form") == "serverless" else spec


def _connect(draw: st.DrawFn, services: Mapping[str, Spec]) -> None:
    """Topics that are consumed, doors that are opened, stores that are used: all of them are there."""
    topics = [f"{name}/{topic}" for name, spec in services.items() for topic in _names(spec, "publishes")]
    stores = [f"{name}/{store}" for name, spec in services.items() for store in _names(spec, "stores")]
    ports = [name for name, spec in services.items() if "port" in spec and not _has_two_sides(spec)]
    for name in ports:
        services[name]["discovery"] = {"cloudMap": True}  # functions find them too
    for name, spec in services.items():
        if spec["compute"] in {"fargate", "lambda"} and "schedule" not in spec and not _has_two_sides(spec):
            spec["consumes"] = _some(draw, topics)
        if spec.get("form") != "serverless" and "instances" not in spec:  # those open no doors
            spec["calls"] = _some(draw, [port for port in ports if port != name])
            spec["uses"] = [*_others(_some(draw, stores), _names(spec, "stores"))]


def _others(used: list[Json], own: list[str]) -> Iterator[Json]:
    """The first of each name: a process finds a store by its name, whoever owns it."""
    taken = {*own}
    for entry in used:
        store = str(entry).partition("/")[2]
        if store not in taken:
            taken.add(store)
            yield entry


def _some(draw: st.DrawFn, values: list[str]) -> list[Json]:
    return [*draw(st.lists(st.sampled_from(values), unique=True, max_size=2))] if values else []


def _names(spec: Spec, key: str) -> list[str]:
    found = spec.get(key)
    return [str(each) for each in found] if isinstance(found, list | dict) else []
