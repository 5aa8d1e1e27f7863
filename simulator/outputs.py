"""What a resource answers with, at preview and once it exists: the one truth for both engines. No state here."""

import hashlib
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from string import Formatter
from typing import Final, cast

from simulator.graph import UNKNOWN, Json
from simulator.partitions import partition_of
from simulator.shapes import SHAPES, Shape
from simulator.standin import RefusedError

CERTIFICATE: Final = "aws:acm/certificate:Certificate"
_AUTONAME_DIGITS: Final = 7
"""What the aws provider adds to a name that nobody gave (pulumi-terraform-bridge, SetAutonaming)."""
_WHOLE: Final = re.compile(r"\{(\w+)\}")
"""A template that is one value and nothing else keeps its type."""
_WRITE_ONLY: Final = "Wo"
"""How the names of write-only inputs end; AWS never tells them back (aws provider, write-only arguments)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """The account and region that a resource lives in."""

    region: str
    account: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """The id and outputs of a resource; both unknown where the real provider does not know them either."""

    id: str
    outputs: Mapping[str, Json]


def checked(
    kind: str, urn: str, inputs: Mapping[str, Json], olds: Mapping[str, Json], taken: int = 0
) -> dict[str, Json]:
    """The inputs with a name, if the type has one and nobody gave it: the resource's name and seven hex digits.

    The provider's digits are random; these are the same in every preview, and nobody cuts what becomes too long.

    Args:
        kind: the type token.
        urn: what the digits are made from, so that both engines and every preview agree.
        inputs: as the program gave them.
        olds: the inputs of the resource as it is; a name that was given once stays.
        taken: how many of the names before this one exist already, for a replacement.
    """
    shape = SHAPES.get(kind)
    if shape is None or not shape.name or shape.name in inputs:
        return dict(inputs)
    if shape.name in olds:
        return {**inputs, shape.name: olds[shape.name]}
    digits = hashlib.sha256(f"{urn}#{taken}".encode()).hexdigest()[:_AUTONAME_DIGITS]
    return {**inputs, shape.name: f"{_name_of(urn)}-{digits}"}


def is_autonamed(kind: str, urn: str, inputs: Mapping[str, Json]) -> bool:
    """Whether checked inputs have a name that nobody gave: a replacement gets another one."""
    shape = SHAPES.get(kind)
    if shape is None or not shape.name:
        return False
    generated = rf"{re.escape(_name_of(urn))}-[0-9a-f]{{{_AUTONAME_DIGITS}}}"
    return re.fullmatch(generated, str(inputs.get(shape.name))) is not None


def previewed(kind: str, inputs: Mapping[str, Json], place: Place) -> Answer:
    """A resource that does not exist yet: its inputs, what follows from them, and everything computed unknown."""
    shape = SHAPES.get(kind)
    if shape is None:
        return Answer(id=UNKNOWN, outputs=inputs)
    unknown: dict[str, Json] = {key: UNKNOWN for key in shape.computed if key not in inputs}
    told = {**unknown, **_told(shape, inputs, place)}
    return Answer(id=UNKNOWN, outputs=_filled_in(shape, told, lambda _block, _key: UNKNOWN))


def created(kind: str, urn: str, inputs: Mapping[str, Json], place: Place, serial: int) -> Answer:
    """A resource as AWS would answer its creation.

    Args:
        kind: the type token.
        urn: with `serial`, what generated ids are made from.
        inputs: as checked; all known.
        place: where it is.
        serial: 1 for the first resource of this URN, and one more for each that follows.

    Raises:
        RefusedError: nobody taught the stand-in this type.
    """
    shape = SHAPES.get(kind)
    if shape is None:
        raise RefusedError(f"The stand-in knows no {kind}. Add its shape in simulator/shapes.")
    facts = _Facts(inputs, urn, serial, place)
    # An ARN is made from an id or the other way round; whichever needs the other comes second.
    ours = {key: template for key, template in shape.computed.items() if key not in inputs}
    waiting: list[tuple[str, Json]] = [("id", shape.id), *ours.items()]
    while waiting:
        postponed = [(key, template) for key, template in waiting if not facts.settle(key, template)]
        if len(postponed) == len(waiting):
            raise RefusedError(f"The stand-in lacks an input of {kind} ({urn}): {dict(postponed)}.")
        waiting = postponed
    computed = {key: facts[key] for key in ours if facts[key] is not None}
    if kind == CERTIFICATE:
        computed["domainValidationOptions"] = _proofs(inputs)
    told = {**computed, **_told(shape, inputs, place)}
    filled = _filled_in(shape, told, lambda block, key: shape.within[block][key].format_map(facts))
    return Answer(id=str(facts["id"]), outputs=filled)


def known_id(kind: str, inputs: Mapping[str, Json], place: Place) -> str | None:
    """The id that AWS gives to a resource with these inputs; None where AWS makes it up, or the type is not known."""
    shape = SHAPES.get(kind)
    if shape is None:
        return None
    defaults = {key: value for key, value in shape.computed.items() if isinstance(value, str) and "{" not in value}
    where = {"partition": partition_of(place.region)[0], "region": place.region, "account": place.account}
    given = {**defaults, **inputs, **where}
    asked = [field for _, field, _, _ in Formatter().parse(shape.id) if field]
    if not all(isinstance(given.get(field), str) and given[field] for field in asked):
        return None
    return shape.id.format_map(given)


def updated(
    kind: str, urn: str, inputs: Mapping[str, Json], olds: Mapping[str, Json], place: Place, serial: int | None
) -> dict[str, Json]:
    """The outputs after an update in place; a preview has no `serial`, and what moves is unknown."""
    shape = SHAPES[kind]
    kept = {key: olds[key] for key in shape.computed if key in olds}
    moved: dict[str, Json] = dict.fromkeys(shape.moving, UNKNOWN)
    if serial is not None:
        fresh = created(kind, urn, inputs, place, serial).outputs
        moved = {key: fresh[key] for key in shape.moving}
    told = {**kept, **moved, **_told(shape, inputs, place)}
    return _filled_in(shape, told, lambda block, key: cast("Mapping[str, Json]", olds[block])[key])


def moves(kind: str) -> bool:
    """Whether an update gives some computed output a new value."""
    return bool(SHAPES[kind].moving)


def inputs_of(kind: str, properties: Mapping[str, Json], asked: Mapping[str, Json]) -> dict[str, Json]:
    """The inputs that would make a resource what it is.

    Args:
        kind: the type token.
        properties: what AWS tells.
        asked: the inputs it was made with; none when a resource is imported.
    """
    if asked:
        found = {key: _as_asked(properties[key], value) for key, value in asked.items() if key in properties}
        return found | {key: value for key, value in asked.items() if key.endswith(_WRITE_ONLY)}
    computed = {*(SHAPES[kind].computed if kind in SHAPES else ()), "tagsAll", "region"}
    return {key: value for key, value in properties.items() if key not in computed}


def _name_of(urn: str) -> str:
    return urn.rpartition("::")[2]


def _as_asked(property_: Json, asked: Json) -> Json:
    """A block without what AWS has added to it; anything else as it is."""
    if isinstance(property_, dict) and isinstance(asked, dict):
        return {key: value for key, value in property_.items() if key in asked}
    return property_


def _filled_in(shape: Shape, told: dict[str, Json], value: Callable[[str, str], Json]) -> dict[str, Json]:
    """`told`, with what AWS adds within blocks that were given; `value` gives it by block and key."""
    blocks: dict[str, Json] = {
        block: {**{key: value(block, key) for key in added}, **given}
        for block, added in shape.within.items()
        if isinstance(given := told.get(block), dict)
    }
    return {**told, **blocks}


def _told(shape: Shape, inputs: Mapping[str, Json], place: Place) -> dict[str, Json]:
    """What is known without asking AWS."""
    told = {key: value for key, value in inputs.items() if not key.endswith(_WRITE_ONLY)}
    if "tags" in inputs:
        told["tagsAll"] = inputs["tags"]
    if not shape.is_global:
        told.setdefault("region", place.region)
    return told


def _proofs(inputs: Mapping[str, Json]) -> Json:
    """The records that prove a certificate's domains; a wildcard is proved by its parent's record."""
    names = [str(inputs["domainName"]), *map(str, cast("list[Json]", inputs.get("subjectAlternativeNames") or []))]

    def proof(name: str) -> Json:
        domain = name.removeprefix("*.")
        token = hashlib.sha256(domain.encode()).hexdigest()[:32]
        return {
            "domainName": name,
            "resourceRecordName": f"_{token}.{domain}.",
            "resourceRecordType": "CNAME",
            "resourceRecordValue": f"_{token[::-1]}.acm-validations.aws.",
        }

    return [proof(name) for name in names]


class _Facts(dict[str, Json]):
    """What templates may name: the inputs, the place, and generated ids that only depend on URN and serial."""

    def __init__(self, inputs: Mapping[str, Json], urn: str, serial: int, place: Place) -> None:
        partition, suffix = partition_of(place.region)
        seed = hashlib.sha256(f"{urn}#{serial}".encode())
        digits, number = seed.hexdigest(), int.from_bytes(seed.digest()[:8])
        letters = uuid.UUID(bytes=seed.digest()[:16])
        super().__init__(
            inputs,
            account=place.account,
            alnum10=digits[20:30],
            alnum14=digits[20:34].upper(),
            alnum16=digits[20:36],
            alnum17=digits[20:37].upper(),
            alnum6=digits[40:46],
            byte=number % 250 + 4,
            hex16=digits[:16],
            hex17=digits[:17],
            hex32=digits[:32],
            number10=number % 10**10,
            partition=partition,
            region=str(inputs.get("region") or place.region),
            serial=serial,
            suffix=suffix,
        )
        self.setdefault("uuid", str(letters))

    def settle(self, key: str, template: Json) -> bool:
        """Fill in one template and remember the value; False when it needs one that is not there yet."""
        try:
            self[key] = self._filled(template)
        except KeyError:
            return False
        return True

    def _filled(self, template: Json) -> Json:
        """A template, or what holds some, with its values."""
        if isinstance(template, list):
            return [self._filled(part) for part in template]
        if isinstance(template, dict):
            return {key: self._filled(part) for key, part in template.items()}
        if not isinstance(template, str):
            return template
        whole = _WHOLE.fullmatch(template)
        return self[whole[1]] if whole else template.format_map(self)

    def __missing__(self, key: str) -> Json:
        name, marker, after = key.partition(">")
        if not marker:
            raise KeyError(key)
        return str(self[name]).rpartition(after)[2]
