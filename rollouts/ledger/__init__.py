"""The truth about every rollout: an opaque document per service, what happened to it, and who may write.

- `values`: what it keeps, as its users see it.
- `rows`: who may change what; pure, and the same for both stores.
- `ledger`: the operations.
- `store`, `dynamodb`, `sqlite`, `columns`: where it is kept.
- `address`: which one a text such as `dynamodb://rollouts?region=eu-west-1` means.
"""

from rollouts.ledger.address import open_ledger, read_address
from rollouts.ledger.ledger import Ledger
from rollouts.ledger.values import Entry, Event, Happening, Key, Lease, VersionError

__all__ = ["Entry", "Event", "Happening", "Key", "Lease", "Ledger", "VersionError", "open_ledger", "read_address"]
