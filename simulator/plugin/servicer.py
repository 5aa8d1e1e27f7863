"""The stand-in provider: answers the engine's questions about resources the way aws and awsx would, from a file."""

# ruff: noqa: N802, ARG002 - the engine calls these methods by their names, with arguments that not all of them need

import json
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Final

import grpc
from google.protobuf import empty_pb2
from google.protobuf.message import Message
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc

from simulator import outputs, refusals
from simulator.awsx import construct
from simulator.changes import Change, changes, deletes_before
from simulator.graph import Json
from simulator.outputs import Place
from simulator.plugin.engine import Engine, EngineRegistrar
from simulator.refusals import NotTakenError
from simulator.standin import STAND_IN_ACCOUNT, Cloud, RefusedError
from simulator.state import State, Thing
from simulator.wire import json_of, struct_of

DEFAULT_REGION: Final = "us-east-1"
"""Where the real provider's SDK looks last; only a provider without a region gets it."""

_KINDS: Final[Mapping[tuple[str, bool], int]] = {
    ("add", False): provider_pb2.PropertyDiff.ADD,
    ("add", True): provider_pb2.PropertyDiff.ADD_REPLACE,
    ("delete", False): provider_pb2.PropertyDiff.DELETE,
    ("delete", True): provider_pb2.PropertyDiff.DELETE_REPLACE,
    ("update", False): provider_pb2.PropertyDiff.UPDATE,
    ("update", True): provider_pb2.PropertyDiff.UPDATE_REPLACE,
}

StateOf = Callable[[str, str], Path]
"""The state file of a project and stack."""


class StandIn(provider_pb2_grpc.ResourceProviderServicer):
    """One provider plugin, `aws` or `awsx`.

    For resources it takes no secrets: the engine sends plain values, and marks outputs that come from secret ones.
    A component must take them, and hands them on to its children.

    Raises what gRPC needs: every refusal ends its call with a status whose text names the stand-in.
    """

    def __init__(self, package: str, version: str, *, state_of: StateOf) -> None:
        self._package = package
        self._version = version
        self._builds_components = package == "awsx"
        self._state_of = state_of
        self._states: dict[Path, State] = {}
        self._place = Place(region=DEFAULT_REGION, account=STAND_IN_ACCOUNT)
        self._engine: Engine | None = None
        self._once = Lock()
        self._has_said = False

    def Handshake(
        self, request: provider_pb2.ProviderHandshakeRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ProviderHandshakeResponse:
        """Remember where the engine is."""
        self._engine = Engine(request.engine_address)
        return provider_pb2.ProviderHandshakeResponse(accept_secrets=self._builds_components)

    def Attach(self, request: plugin_pb2.PluginAttach, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """The same for a plugin that was started by hand (PULUMI_DEBUG_PROVIDERS)."""
        self._engine = Engine(request.address)
        return empty_pb2.Empty()

    def GetPluginInfo(self, request: empty_pb2.Empty, context: grpc.ServicerContext) -> plugin_pb2.PluginInfo:
        """The version of the SDK package that the program has, so that the engine's request matches."""
        return plugin_pb2.PluginInfo(version=self._version)

    def GetSchema(
        self, request: provider_pb2.GetSchemaRequest, context: grpc.ServicerContext
    ) -> provider_pb2.GetSchemaResponse:
        """A name, a version and what this is: programs in Python need no more."""
        description = f"A stand-in for the {self._package} provider: nothing reaches AWS."
        schema: dict[str, Json] = {
            "name": self._package,
            "version": self._version,
            "description": description,
            "resources": {},
        }
        return provider_pb2.GetSchemaResponse(schema=json.dumps(schema))

    def CheckConfig(
        self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext
    ) -> provider_pb2.CheckResponse:
        """Every configuration will do."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """A provider is never replaced: its account is always the same, and each resource has its own region."""
        return _diff(changes("", json_of(request.old_inputs), json_of(request.news)))

    def Configure(
        self, request: provider_pb2.ConfigureRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConfigureResponse:
        """Take the region, and say once to whoever looks that this is not AWS."""
        region = json_of(request.args).get("region") or request.variables.get("aws:config:region")
        self._place = Place(region=str(region or DEFAULT_REGION), account=STAND_IN_ACCOUNT)
        with self._once:
            if self._engine is not None and not self._has_said:
                self._engine.say(f"stand-in {self._package} provider: nothing reaches AWS")
                self._has_said = True
        return provider_pb2.ConfigureResponse(supportsPreview=True, acceptSecrets=self._builds_components)

    def Check(self, request: provider_pb2.CheckRequest, context: grpc.ServicerContext) -> provider_pb2.CheckResponse:
        """The inputs, with a name where the program gave none; failures for what AWS would refuse at once."""
        kind = _kind(request.urn)
        news = json_of(request.news)
        with _refusing(context):
            inputs = self._checked(request, news)
        failures = [
            provider_pb2.CheckFailure(property=one.property, reason=f"{refusals.NAME}: {one.reason}")
            for one in refusals.refused(kind, inputs)
        ]
        return provider_pb2.CheckResponse(
            inputs=request.news if inputs == news else struct_of(inputs), failures=failures
        )

    def Diff(self, request: provider_pb2.DiffRequest, context: grpc.ServicerContext) -> provider_pb2.DiffResponse:
        """Property by property; engines without old inputs are not supported by the SDK that the program has."""
        kind, olds, news = _kind(request.urn), json_of(request.old_inputs), json_of(request.news)
        ignored = set(request.ignoreChanges)
        found = tuple(one for one in changes(kind, olds, news) if one.top not in ignored)
        response = _diff(found)
        clashes = deletes_before(kind, olds, news) and not outputs.is_autonamed(kind, request.urn, news)
        response.deleteBeforeReplace = bool(response.replaces) and clashes
        return response

    def Create(self, request: provider_pb2.CreateRequest, context: grpc.ServicerContext) -> provider_pb2.CreateResponse:
        """Create a resource, or say what a preview can know of it."""
        kind, inputs = _kind(request.urn), json_of(request.properties)
        if request.preview:
            answer = outputs.previewed(kind, inputs, self._place)
            return provider_pb2.CreateResponse(properties=struct_of(answer.outputs))
        with _refusing(context), self._state(request.urn).changing() as state:
            refusals.check_unique(state, kind, inputs, self._place.region)
            refusals.check_reachable(state, kind, inputs)
            answer = outputs.created(kind, request.urn, inputs, self._place, state.next_serial(request.urn))
            state.put(Thing(kind=kind, id=answer.id, urn=request.urn, properties=answer.outputs))
        return provider_pb2.CreateResponse(id=answer.id, properties=struct_of(answer.outputs))

    def Read(self, request: provider_pb2.ReadRequest, context: grpc.ServicerContext) -> provider_pb2.ReadResponse:
        """What is in the file now; an empty answer for what is gone."""
        kind, known = _kind(request.urn), json_of(request.properties)
        with _refusing(context), self._state(request.urn).reading() as state:
            thing = state.find(kind, request.id, known)
        if thing is None:
            return provider_pb2.ReadResponse()
        inputs = outputs.inputs_of(kind, thing.properties, json_of(request.inputs))
        return provider_pb2.ReadResponse(id=thing.id, properties=struct_of(thing.properties), inputs=struct_of(inputs))

    def Update(self, request: provider_pb2.UpdateRequest, context: grpc.ServicerContext) -> provider_pb2.UpdateResponse:
        """Change a resource in place, or say what a preview can know of that."""
        kind, inputs, olds = _kind(request.urn), json_of(request.news), json_of(request.olds)
        if request.preview:
            found = outputs.updated(kind, request.urn, inputs, olds, self._place, None)
            return provider_pb2.UpdateResponse(properties=struct_of(found))
        with _refusing(context), self._state(request.urn).changing() as state:
            thing = state.find(kind, request.id, olds)
            if thing is None:
                raise NotTakenError(f"{refusals.NAME}: ResourceNotFoundException: there is no {kind} {request.id}.")
            refusals.check_unique(state, kind, inputs, self._place.region, thing)
            refusals.check_reachable(state, kind, inputs)
            serial = state.next_serial(request.urn) if outputs.moves(kind) else None
            found = outputs.updated(kind, request.urn, inputs, thing.properties, self._place, serial)
            state.remove(thing)
            state.put(Thing(kind=kind, id=thing.id, urn=request.urn, properties=found))
        return provider_pb2.UpdateResponse(properties=struct_of(found))

    def Delete(self, request: provider_pb2.DeleteRequest, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Delete a resource, unless something forbids it; one that is gone already is fine."""
        kind = _kind(request.urn)
        with _refusing(context), self._state(request.urn).changing() as state:
            thing = state.find(kind, request.id, json_of(request.properties))
            # What the provider is told to leave behind (skipDestroy of a task definition) it only forgets.
            if thing is not None and not thing.properties.get("skipDestroy"):
                refusals.check_delete(state, thing)
                state.remove(thing)
        return empty_pb2.Empty()

    def Construct(
        self, request: provider_pb2.ConstructRequest, context: grpc.ServicerContext
    ) -> provider_pb2.ConstructResponse:
        """Build a remote component: register it, then its children, with the engine that asks."""
        registrar = EngineRegistrar(request)
        # The awsx provider has no region of its own: like the real one, it builds where the program's aws provider is.
        region = request.config.get("aws:region") or self._place.region
        cloud = Cloud(region=region, account=self._place.account)
        with _refusing(context):
            urn = registrar.component()
            args = json_of(request.inputs)
            found = construct(registrar, cloud, kind=request.type, name=request.name, urn=urn, args=args)
        state = struct_of({key: given.value for key, given in found.items()})
        registrar.finish(urn, state)
        return provider_pb2.ConstructResponse(
            urn=urn,
            state=state,
            stateDependencies={
                key: provider_pb2.ConstructResponse.PropertyDependencies(urns=given.sources)
                for key, given in found.items()
            },
        )

    def Invoke(self, request: provider_pb2.InvokeRequest, context: grpc.ServicerContext) -> provider_pb2.InvokeResponse:
        """Answer a function from the stand-in cloud."""
        with _refusing(context):
            answer = self._cloud().invoke(request.tok, json_of(request.args))
        response = provider_pb2.InvokeResponse()
        getattr(response, "return").CopyFrom(struct_of(answer))  # the field's name is a Python keyword
        return response

    def Cancel(self, request: Message, context: grpc.ServicerContext) -> empty_pb2.Empty:
        """Nothing takes long enough to be cancelled."""
        return empty_pb2.Empty()

    def _cloud(self) -> Cloud:
        return Cloud(region=self._place.region, account=self._place.account)

    def _state(self, urn: str) -> State:
        _, _, stack, _, project, *_ = urn.split(":")
        path = self._state_of(project, stack)
        with self._once:
            return self._states.setdefault(path, State(path))

    def _checked(self, request: provider_pb2.CheckRequest, news: Mapping[str, Json]) -> dict[str, Json]:
        """The inputs with a name; the replacement of a resource with a generated name gets another one."""
        kind, olds = _kind(request.urn), json_of(request.olds)
        inputs = outputs.checked(kind, request.urn, news, olds)
        if inputs == news or olds:
            return inputs
        with self._state(request.urn).reading() as state:
            attempts = (outputs.checked(kind, request.urn, news, olds, taken) for taken in count())
            return next(one for one in attempts if not refusals.is_taken(state, kind, one, self._place.region))


@contextmanager
def _refusing(context: grpc.ServicerContext) -> Generator[None]:
    """End the call with a clean message instead of a traceback."""
    try:
        yield
    except (NotTakenError, RefusedError) as error:
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(error))


def _kind(urn: str) -> str:
    return urn.split("::")[2].rpartition("$")[2]


def _diff(found: Sequence[Change]) -> provider_pb2.DiffResponse:
    some = provider_pb2.DiffResponse.DIFF_SOME if found else provider_pb2.DiffResponse.DIFF_NONE
    return provider_pb2.DiffResponse(
        changes=some,
        diffs=sorted({one.top for one in found}),
        replaces=sorted({one.top for one in found if one.replaces}),
        hasDetailedDiff=True,
        detailedDiff={
            one.path: provider_pb2.PropertyDiff(kind=_KINDS[one.kind, one.replaces], inputDiff=True) for one in found
        },
    )
