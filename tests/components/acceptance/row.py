"""One row of the table: what AWS calls a Pulumi type, and where the names differ by more than case and plural."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from simulator.graph import Json


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """With which calls the provider makes a resource of this type, and what CloudFormation calls it.

    `names` holds for both, `in_call` and `in_schema` for one of them: dotted Pulumi path to AWS path (see `reshape`).
    `given` are parameters that the provider fills in by itself, `given_in_schema` what CloudFormation wants said.
    `no_schema` says why there is none to compare with.
    """

    calls: tuple[str, ...]
    schema: str = ""
    names: Mapping[str, str] = field(default_factory=dict[str, str])
    in_call: Mapping[str, str] = field(default_factory=dict[str, str])
    given: Mapping[str, Json] = field(default_factory=dict[str, Json])
    given_in_schema: Mapping[str, Json] = field(default_factory=dict[str, Json])
    in_schema: Mapping[str, str] = field(default_factory=dict[str, str])
    no_schema: str = ""
