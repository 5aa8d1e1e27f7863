"""What a service owns to keep its data in."""

from collections.abc import Mapping

import pulumi

from components.concerns.concern import Concern
from components.concerns.rotation import Administrator, RotationFunction, rotate
from components.concerns.secrets import PLACEHOLDER, credential
from components.foundation.interface import Foundation
from components.scope import ServiceScope
from components.stores.databases import DATABASE, USER, Built, Databases
from components.stores.tables import table
from stacks.models import Service, TableStore
from stacks.models.stores import database_secret
from stacks.standards import STORE_PORTS


class Stores(Concern):
    """The tables and databases of a service; what holds data cannot be deleted in prod.

    A database has a user for the process, whose credential rotates: alternating with a second user in prod. Nobody can
    make that user from here: a person creates it once, with the placeholder's name, and puts its password beside it.
    """

    groups: Mapping[str, pulumi.Output[str]]
    """The security group of each database."""
    streams: Mapping[str, pulumi.Output[str]]
    """The ARN of the stream of each table that has one."""

    def __init__(
        self, scope: ServiceScope, spec: Service, foundation: Foundation, opts: pulumi.ResourceOptions
    ) -> None:
        super().__init__("Stores", scope, opts)
        self._foundation = foundation
        tables = {name: store for name, store in spec.stores.items() if isinstance(store, TableStore)}
        built = {name: table(self, name, store, foundation) for name, store in tables.items()}
        self.streams = {name: built[name].stream_arn for name, store in tables.items() if store.stream}
        self.groups = self._databases(spec)
        self.register_outputs({})

    def _databases(self, spec: Service) -> dict[str, pulumi.Output[str]]:
        wanted = {name: store for name, store in spec.stores.items() if not isinstance(store, TableStore)}
        if not wanted:
            return {}
        databases = Databases(self, self._foundation, spec.telemetry.retention_days)
        built = {name: databases.build(name, store) for name, store in wanted.items()}
        for name, database in built.items():
            self._credential(name, database)
        return {name: database.group_id for name, database in built.items()}

    def _credential(self, name: str, database: Built) -> None:
        fields: dict[str, pulumi.Input[str | int]] = {
            "engine": "postgres",
            "host": database.host,
            "port": STORE_PORTS["postgres"],
            "dbname": DATABASE,
            "username": USER,
            "note": PLACEHOLDER,
        }
        administrator = None
        if self.scope.scope.is_prod:
            fields["masterarn"] = database.administrator_arn
            administrator = Administrator(secret_arn=database.administrator_arn, is_kept_by_rds=True)
        key = database_secret(name)
        secret = credential(
            self, key, f"{USER} of the database {name}", self._foundation, pulumi.Output.json_dumps(fields)
        )
        function = RotationFunction(
            self,
            f"store-{name}",
            "postgres",
            self._foundation,
            administrator=administrator,
            store_group_id=database.group_id,
        )
        rotate(self, key, secret, function)
