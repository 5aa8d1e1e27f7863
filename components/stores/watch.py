"""The stores of a service among its alarms and on its dashboard, whatever it runs on."""

from collections.abc import Iterator

from components.scope import ServiceScope
from components.signals import stores
from components.signals.alarm import Alarm
from components.signals.widget import Widget
from components.stores.use import database_name, table_name
from stacks.models import TableStore
from stacks.standards import DATABASE_ZONES


def store_alarms(scope: ServiceScope) -> list[Alarm]:
    """The alarms of the stores that the service owns."""
    return [alarm for thing in _things(scope) for alarm in stores.alarms(thing)]


def store_widgets(scope: ServiceScope) -> list[Widget]:
    """The graphs of the stores that the service owns."""
    return [widget for thing in _things(scope) for widget in stores.widgets(thing)]


def _things(scope: ServiceScope) -> Iterator[stores.Watched]:
    for name, store in scope.own_stores.items():
        named = table_name if isinstance(store, TableStore) else database_name
        yield stores.Watched(
            name=name,
            store=store,
            identifier=named(scope.scope, scope.service, name),
            has_reader=DATABASE_ZONES[scope.scope.tier] > 1,
        )
