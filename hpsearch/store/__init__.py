"""The results store of one run: SQLite in WAL mode, one writer, readers that never wait.

The search writes (`writer`); `analysis` reads (`reader`), at any time and from any process.
"""

from hpsearch.store.facts import Event, StoredSegment, StoredTrial, Tally
from hpsearch.store.reader import StoreReader
from hpsearch.store.schema import MIGRATIONS, SCHEMA_VERSION
from hpsearch.store.writer import Store

__all__ = [
    "MIGRATIONS",
    "SCHEMA_VERSION",
    "Event",
    "Store",
    "StoreReader",
    "StoredSegment",
    "StoredTrial",
    "Tally",
]
