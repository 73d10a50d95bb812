"""
Reads the snapshots of segue.

>>> import segue
>>> with segue.open("snapshots") as snapshot:           # what is published, kept while it is open
...     neighbours = snapshot.similar("Plush", k=10)
...     vectors = snapshot.item_vectors                 # float32 [items × dim], mapped
"""

from ._errors import (
    BadUsage,
    Busy,
    Damaged,
    DamagedRoot,
    ItemAmbiguous,
    ItemNotFound,
    ItemWithoutVector,
    MissingPart,
    NewerFormat,
    NotASnapshot,
    SegueError,
    SnapshotNotFound,
    UserNotFound,
)
from ._root import current_id
from ._snapshot import Neighbours, Snapshot
from ._snapshot import open_snapshot as open
from ._users import Histories, UserPart

__all__ = [
    "BadUsage",
    "Busy",
    "Damaged",
    "DamagedRoot",
    "Histories",
    "ItemAmbiguous",
    "ItemNotFound",
    "ItemWithoutVector",
    "MissingPart",
    "Neighbours",
    "NewerFormat",
    "NotASnapshot",
    "SegueError",
    "Snapshot",
    "SnapshotNotFound",
    "UserNotFound",
    "UserPart",
    "current_id",
    "open",
]
