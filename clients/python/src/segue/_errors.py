"""Every failure of the reader. What the machine refuses (permissions, a full table of locks) stays an OSError."""

from __future__ import annotations

from typing import Any, ClassVar


class SegueError(Exception):
    """
    What every error here is. ``code`` is the one that ``segue --json`` prints for the same failure, ``details`` holds
    particulars such as ``file``, ``got`` and ``wanted``.
    """

    code: ClassVar[str]

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details = details


class BadUsage(SegueError, ValueError):
    """An argument that means nothing: a reference of no form, weights that do not fit."""

    code = "bad-usage"


class SnapshotNotFound(SegueError, LookupError):
    """Nothing is published yet, or no snapshot has that tag or id; ``details["snapshots"]`` lists those there are."""

    code = "snapshot-not-found"


class NotASnapshot(SegueError):
    """A manifest of another program."""

    code = "not-a-snapshot"


class NewerFormat(SegueError):
    """Written by a later segue, in a form that this reader does not know: install a later reader."""

    code = "newer-format"


class Damaged(SegueError):
    """A file of the snapshot is missing, or not what the manifest says: ``details["file"]``, ``got``, ``wanted``."""

    code = "damaged-snapshot"


class DamagedRoot(Damaged):
    """A link of the root is not one that segue made, or names a snapshot that is not there."""

    code = "damaged-root"


class Busy(SegueError):
    """The snapshot is being collected, each time that it is tried."""

    code = "busy"


class MissingPart(SegueError, LookupError):
    """The snapshot is whole, but does not have what was asked for: no users, no vectors, no artists."""

    code = "missing-part"


class ItemNotFound(SegueError, LookupError):
    """Nothing is called so; ``details["closest"]`` has names that are alike."""

    code = "item-not-found"


class ItemAmbiguous(SegueError, LookupError):
    """Several have that name; ``details["ids"]`` are theirs."""

    code = "item-ambiguous"


class ItemWithoutVector(SegueError, LookupError):
    """An item of the catalogue that nobody played, or liked."""

    code = "item-without-vector"


class UserNotFound(SegueError, LookupError):
    """No user of the snapshot has that id."""

    code = "user-not-found"
