"""Where a service keeps its data: tables and databases that it owns, and that others use as `owner/store`."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from stacks import limits, standards
from stacks.models.base import Model

StoreName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*$", max_length=20)]
"""One word: it ends names in which hyphens stand between all other parts, so that no two stores can be called alike."""
StoreEntry = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*/[a-z][a-z0-9]{0,19}$")]
"""A store that another service owns: `news-api/articles`."""
AttributeName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$", max_length=255)]
"""An attribute of a table's items."""
IndexName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.-]+$", min_length=3, max_length=255)]
"""A secondary index (DynamoDB API, CreateTable: 3 to 255 characters)."""

InstanceSize = Annotated[str, Field(json_schema_extra={"enum": list(limits.RDS_MEMORY_GIB)})]

DATABASE_SUFFIX: Final = "_DATABASE_URL"


class TableIndex(Model):
    """Another key by which the items of a table are found; it has all their attributes."""

    partition_key: AttributeName
    """What items are found by."""
    sort_key: AttributeName | None = None
    """What the items of one partition are sorted by."""


class TableStore(Model):
    """A DynamoDB table, paid by the request (1.25 USD per million writes, 0.25 USD per million reads)."""

    kind: Literal["dynamodb"]
    partition_key: AttributeName
    """What items are found by. It cannot change: a table with another key is another table."""
    sort_key: AttributeName | None = None
    """What the items of one partition are sorted by. It cannot change either."""
    numbers: tuple[AttributeName, ...] = ()
    """Those of the keys that are numbers; all others are text."""
    indexes: Annotated[dict[IndexName, TableIndex], Field(max_length=limits.DYNAMODB_INDEXES_MAX)] = Field(
        default_factory=dict[str, TableIndex]
    )
    """Other keys to find items by, each a global secondary index."""
    ttl: AttributeName | None = None
    """The attribute with the time (seconds since 1970) after which DynamoDB deletes an item."""
    stream: bool = False
    """Whether changes can be read as a stream, for functions with `stream: owner/store`."""

    @property
    def keys(self) -> tuple[str, ...]:
        """All attributes that are a key of the table or of an index, each once."""
        found = [self.partition_key, self.sort_key]
        found += [key for index in self.indexes.values() for key in (index.partition_key, index.sort_key)]
        return tuple(dict.fromkeys(key for key in found if key is not None))

    @model_validator(mode="after")
    def _keyed(self) -> Self:
        pairs = [(self.partition_key, self.sort_key), *((i.partition_key, i.sort_key) for i in self.indexes.values())]
        if any(first == second for first, second in pairs):
            raise ValueError("partitionKey and sortKey must be two attributes")
        if unknown := [name for name in self.numbers if name not in self.keys]:
            raise ValueError(f"numbers: {', '.join(unknown)} is no key; only keys have a type in DynamoDB")
        return self


class AuroraStore(Model):
    """A PostgreSQL database on Aurora Serverless v2 (0.12 USD per ACU and hour): one instance, two zones in prod."""

    kind: Literal["aurora-postgres"]
    min_acu: Annotated[float, Field(ge=limits.AURORA_ACU[0], le=limits.AURORA_ACU[1])] = 0.5
    """Capacity that is always there; one ACU is 2 GiB of memory."""
    max_acu: Annotated[float, Field(ge=1, le=limits.AURORA_ACU[1])] = 4
    """Capacity at most."""

    @property
    def max_connections(self) -> int:
        """Connections that one instance takes."""
        most = _connections(self.max_acu * limits.AURORA_GIB_PER_ACU)
        return min(most, limits.AURORA_SMALL_CONNECTIONS_MAX) if self.min_acu < 1 else most

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_acu > self.max_acu:
            raise ValueError(f"minAcu ({self.min_acu:g}) is greater than maxAcu ({self.max_acu:g})")
        if any(value % limits.AURORA_ACU_STEP for value in (self.min_acu, self.max_acu)):
            raise ValueError(f"minAcu and maxAcu go in steps of {limits.AURORA_ACU_STEP:g}")
        return self


class InstanceStore(Model):
    """A PostgreSQL database on an RDS instance with gp3 storage: one zone, with a standby in a second one in prod."""

    kind: Literal["rds-postgres"]
    instance: InstanceSize = "t4g.medium"
    """Size of the instance, as AWS calls it without db."""
    storage_gib: Annotated[int, Field(ge=limits.RDS_STORAGE_GIB[0], le=limits.RDS_STORAGE_GIB[1])] = 20
    """Size of the disk in GiB. It can grow; AWS cannot make it smaller."""

    @property
    def max_connections(self) -> int:
        """Connections that the instance takes."""
        return _connections(limits.RDS_MEMORY_GIB[self.instance])

    @model_validator(mode="after")
    def _known_size(self) -> Self:
        if self.instance not in limits.RDS_MEMORY_GIB:
            raise ValueError(f"instance: allowed are {', '.join(limits.RDS_MEMORY_GIB)}")
        return self


Database = AuroraStore | InstanceStore
"""A store with users and passwords."""
Store = Annotated[TableStore | AuroraStore | InstanceStore, Field(discriminator="kind")]
"""A table or a database; `kind` decides which keys it has."""


def database_secret(store: str) -> str:
    """What the credential of a database is called: `MAIN_DATABASE_URL` for the store `main`."""
    return f"{store.upper()}{DATABASE_SUFFIX}"


def variable_of(name: str, store: Store) -> str:
    """The variable by which a process finds a store: a table's name, or a reference to a database's credential."""
    return f"ONRAMP_TABLE_{name.upper()}" if isinstance(store, TableStore) else database_secret(name)


def _connections(memory_gib: float) -> int:
    """What PostgreSQL on RDS takes by default for its memory (limits: POSTGRES_*)."""
    most = int(memory_gib * standards.BYTES_PER_GIB / limits.POSTGRES_BYTES_PER_CONNECTION)
    return min(most, limits.POSTGRES_CONNECTIONS_MAX)
