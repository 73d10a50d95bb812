"""users/: one part, or shards, each of which has the files that users/ has in a snapshot of one part."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ._catalogue import IdIndex
from ._files import SnapshotFiles
from ._manifest import Manifest, shards_of

F32 = NDArray[np.float32]
T = TypeVar("T")
_COLUMNS = {"id": pa.string(), "count": pa.uint32()}


@dataclass(frozen=True)
class Histories:
    """
    The pairs of users in compressed sparse rows: those of user row u are at ``indptr[u] : indptr[u + 1]`` of the
    other arrays, item rows ascending. ``scipy.sparse.csr_matrix((h.weight, h.item, h.indptr))`` is the matrix.
    """

    #: uint32 [users + 1]; uint64 of the users of several shards
    indptr: NDArray[np.uint32] | NDArray[np.uint64]
    #: uint32 [pairs]: item rows
    item: NDArray[np.uint32]
    #: int64 [pairs]: summed weight, in units of 1e-9
    weight: NDArray[np.int64]
    #: uint32 [pairs]: number of events
    count: NDArray[np.uint32]
    #: datetime64[ms] [pairs]: UTC time of the latest event, not-a-time without one
    last: NDArray[np.datetime64]
    #: uint8 [pairs]: bit 0 preferred (not a dislike), bit 1 banned
    flags: NDArray[np.uint8]


class UserPart:
    """
    Users that stand in files of their own: all of them, or those of a shard. Their rows are counted from ``first`` in
    the snapshot, from 0 here. Arrays are views of the mapped files, as those of the snapshot.
    """

    def __init__(self, files: SnapshotFiles, directory: str, first: int, num_rows: int, dim: int) -> None:
        #: The row in the snapshot of the first of them.
        self.first = first
        self.num_rows = num_rows
        self._files = files
        self._directory = directory
        self._dim = dim
        self._opened: dict[str, Any] = {}

    @property
    def users(self) -> Any:
        """A pyarrow.Table: ``id``, ``count`` (events)."""
        return self._once("users", lambda: self._files.table(self.name("users.arrow"), _COLUMNS, self.num_rows))

    @property
    def vectors(self) -> F32:
        """float32 [users × dim]. Raises MissingPart for a model without vectors."""
        shape = (self.num_rows, self._dim)
        return self._once("vectors", lambda: self._files.array(self.name("users.npy"), "<f4", shape))

    @property
    def histories(self) -> Histories:
        return self._once("histories", self._open_histories)

    def row(self, user: str) -> int | None:
        """The row here of the user with this id."""
        return self._once("ids", lambda: IdIndex(self.users.column("id"))).get(user)

    def name(self, file: str) -> str:
        return self._directory + file

    def _once(self, what: str, make: Callable[[], T]) -> T:
        # Two threads may both make it, and get equal ones.
        if what not in self._opened:
            self._opened[what] = make()
        made: T = self._opened[what]
        return made

    def _open_histories(self) -> Histories:
        indptr = self._files.array(self.name("history/indptr.npy"), "<u4", (self.num_rows + 1,))
        if indptr[0] != 0 or (indptr[1:] < indptr[:-1]).any():
            raise self._files.damaged(self.name("history/indptr.npy"), "does not ascend from 0")

        def pairs(name: str, dtype: str) -> NDArray[Any]:
            return self._files.array(self.name(f"history/{name}.npy"), dtype, (int(indptr[-1]),))

        return Histories(
            indptr=indptr,
            item=pairs("item", "<u4"),
            weight=pairs("weight", "<i8"),
            count=pairs("count", "<u4"),
            last=pairs("last", "<M8[ms]"),
            flags=pairs("flags", "|u1"),
        )


def user_parts(files: SnapshotFiles, manifest: Manifest) -> list[UserPart]:
    """Of a manifest with users."""
    users: Mapping[str, Any] = manifest["users"]
    shards = shards_of(manifest)
    dim = int(manifest["model"]["dim"])
    if shards is None:
        return [UserPart(files, "users/", 0, int(users["rows"]), dim)]
    parts: list[UserPart] = []
    first = 0
    for at, shard in enumerate(shards):
        parts.append(UserPart(files, f"users/{at:04}/", first, int(shard["rows"]), dim))
        first += int(shard["rows"])
    return parts


def part_of(parts: Sequence[UserPart], user: str) -> UserPart:
    """The part where a user is, if anywhere: the lowest bits of the CRC-32 of the id's UTF-8 say so."""
    if len(parts) == 1:
        return parts[0]
    return parts[zlib.crc32(user.encode("utf-8", "surrogatepass")) & (len(parts) - 1)]


def joined(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """One after another: of several a copy, read-only as they are."""
    if len(arrays) == 1:
        return arrays[0]
    everything = np.concatenate(arrays)
    everything.flags.writeable = False
    return everything


def joined_histories(parts: Sequence[UserPart]) -> Histories:
    if len(parts) == 1:
        return parts[0].histories
    every = [part.histories for part in parts]
    indptr = np.zeros(sum(part.num_rows for part in parts) + 1, np.uint64)
    before = 0
    for part, histories in zip(parts, every):
        indptr[part.first + 1 : part.first + 1 + part.num_rows] = histories.indptr[1:].astype(np.uint64) + before
        before += int(histories.indptr[-1])
    indptr.flags.writeable = False
    return Histories(
        indptr=indptr,
        item=joined([one.item for one in every]),
        weight=joined([one.weight for one in every]),
        count=joined([one.count for one in every]),
        last=joined([one.last for one in every]),
        flags=joined([one.flags for one in every]),
    )
