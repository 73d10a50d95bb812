"""An open snapshot: what a program reads from, whatever is published meanwhile."""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NoReturn, TypeVar

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from . import _options
from ._catalogue import Catalogue, Entity, find_entity
from ._errors import BadUsage, ItemWithoutVector, MissingPart, NewerFormat, UserNotFound
from ._files import SnapshotFiles
from ._manifest import GROUPED_KINDS, Manifest
from ._root import Leased, Root, lease_snapshot, usual_reference
from ._search import CosineSearch, DenseRows, MatrixSearch, Search, SparseRows, length_of, weighted_direction
from ._users import Histories, UserPart, joined, joined_histories, part_of, user_parts

F32 = NDArray[np.float32]
T = TypeVar("T")

_SCORERS = ("inner-product", "item-item", "sparse-item-item", "constant", "blend")
#: Those whose items and users have vectors: of a blend, those of its first member.
_WITH_VECTORS = ("inner-product", "blend")
#: How weights are stored: whole numbers of so many parts of one.
_PARTS_OF_WEIGHT = 10**9
_PREFERRED, _BANNED = 1, 2


class Neighbours(list[dict[str, Any]]):
    """A list of records, the nearest first: ``rank``, ``id``, ``name``, metadata, ``similarity``."""

    def to_pandas(self) -> Any:
        """A pandas.DataFrame, a row a record."""
        import pandas

        return pandas.DataFrame(list(self))


class Snapshot:
    """
    An open snapshot, which never changes and is kept by a lease until it is closed, garbage-collected, or its process
    ends. Made by :func:`segue.open`; a context manager.

    Arrays are read-only views of the mapped files, read from the disk when they are touched. They stay valid after
    ``close``, for as long as they are referred to: what the lease keeps is what was not opened yet. Every file is
    verified when it is first used, and Damaged raised where it is not what the manifest says.

    May be used by several threads. After ``os.fork`` the child shares the lease, and each closes its own; it cannot be
    pickled: open it in the process that uses it.
    """

    def __init__(self, leased: Leased, stamp_path: str, verify: bool) -> None:
        #: The id of the snapshot: 16 hexadecimal digits.
        self.id: str = leased.id
        #: The id of what was opened: of the bundle, where it was found in one.
        self.named: str = leased.named
        #: What manifest.json says: docs/reference/formats.md has its keys.
        self.manifest: Manifest = leased.manifest
        #: Its directory.
        self.path: str = leased.directory
        self._lease = weakref.finalize(self, leased.release)
        try:
            self._files = SnapshotFiles(leased.directory, leased.manifest, stamp_path, verify)
        except BaseException:
            self.close()
            raise
        self._opened: dict[str, Any] = {}

    def close(self) -> None:
        """Gives the lease back: the snapshot may then be collected. Closing twice is harmless."""
        self._lease()

    @property
    def closed(self) -> bool:
        return not self._lease.alive

    def __enter__(self) -> Snapshot:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        model = self.manifest["model"]
        closed = ", closed" if self.closed else ""
        return f"<segue.Snapshot {self.id}: {model['name']}, {self.num_items} items × {model['dim']}{closed}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a snapshot's lease cannot be pickled: open the snapshot in the process that uses it")

    # What is in it.

    @property
    def num_items(self) -> int:
        """How many items the model knows: the first rows of ``items``. The catalogue may hold more."""
        return int(self.manifest["inputs"]["interactions"]["items"])

    @property
    def kinds(self) -> list[str]:
        """What has vectors: ``item``, and ``artist`` and ``album`` where they were made."""
        made = self.manifest["model"].get("kinds", {})
        return ["item", *(kind for kind in GROUPED_KINDS if kind in made)]

    @property
    def items(self) -> Any:
        """A pyarrow.Table by item row: ``id``, ``count`` (events), ``name`` and the catalogue's other columns."""
        return self._catalogue("item").table

    @property
    def artists(self) -> Any:
        """A pyarrow.Table by artist row. Raises MissingPart where the snapshot has none."""
        return self._catalogue("artist").table

    @property
    def albums(self) -> Any:
        """A pyarrow.Table by album row. Raises MissingPart where the snapshot has none."""
        return self._catalogue("album").table

    @property
    def users(self) -> Any:
        """A pyarrow.Table by user row: ``id``, ``count`` (events). Raises MissingPart where the snapshot has none."""
        return self._once("users", lambda: pa.concat_tables([part.users for part in self.user_parts]))

    @property
    def item_vectors(self) -> F32:
        """float32 [items × dim], row r that of row r of ``items``. Raises MissingPart for a model without vectors."""
        return self._vectors("item")

    @property
    def artist_vectors(self) -> F32:
        """float32 [artists × dim], in the items' basis, of the first rows of ``artists``."""
        return self._vectors("artist")

    @property
    def album_vectors(self) -> F32:
        """float32 [albums × dim], in the items' basis, of the first rows of ``albums``."""
        return self._vectors("album")

    @property
    def user_vectors(self) -> F32:
        """float32 [users × dim]: the inner product with an item's vector is the score of that item for the user."""
        self._dim()
        return self._once("user vectors", lambda: joined([part.vectors for part in self.user_parts]))

    @property
    def histories(self) -> Histories:
        """The histories of all users, as arrays."""
        return self._once("histories", lambda: joined_histories(self.user_parts))

    @property
    def user_parts(self) -> list[UserPart]:
        """
        Where users stand: in one part, or of a snapshot of format version 3 in shards. There ``user_vectors`` and
        ``histories`` are copies of all of them in memory; each part's are views of its files.
        """
        self._require_users()
        return self._once("user parts", lambda: user_parts(self._files, self.manifest))

    def item_row(self, item: str) -> int:
        """The row of what an item is called: its id, its name, or its name in other letters; raises ItemNotFound."""
        _require_text(item)
        return self._catalogue("item").find(item)

    def user_row(self, user: str) -> int:
        """The row of the user with this id; raises UserNotFound."""
        part, row = self._find_user(user)
        return part.first + row

    def history(self, user: str) -> Any:
        """
        What is known of a user, a row an item, those with the most events of all users first: a pyarrow.Table of
        ``item`` (its id), ``name``, ``weight``, ``count`` (events), ``last`` (UTC, null without a time), ``disliked``
        and ``banned``.

        :raises UserNotFound: no user has that id
        """
        part, row = self._find_user(user)
        start, end = part.histories.indptr[row : row + 2].tolist()
        return self._pairs(part.histories, slice(start, end))

    def to_pandas(self, table: str = "items") -> Any:
        """
        A pandas.DataFrame of ``items``, ``users``, ``artists``, ``albums`` (by row), or ``histories`` (a row a user and
        item, as ``history`` has them, with ``user`` first).
        """
        if table == "histories":
            pairs = self._pairs(self.histories, slice(None))
            indptr = self.histories.indptr
            users = np.repeat(np.arange(self.users.num_rows), (indptr[1:] - indptr[:-1]).astype(np.int64))
            ids = self.users.column("id").take(pa.array(users))
            return pairs.add_column(0, "user", ids).to_pandas()
        if table in ("items", "users", "artists", "albums"):
            return getattr(self, table).to_pandas()
        raise BadUsage(f"there is no table {table!r}: wanted items, users, artists, albums or histories")

    def similar(
        self,
        items: str | Sequence[str] = (),
        *,
        minus: str | Sequence[str] = (),
        weights: Sequence[float] | None = None,
        vector: ArrayLike | None = None,
        kind: str = _options.KIND,
        k: int = _options.K,
        among: ArrayLike | None = None,
        min_events: int = _options.MIN_EVENTS,
    ) -> Neighbours:
        """
        The nearest by cosine, as ``segue similar --exact`` has them, to the bit: of an ease model by its matrix.

        :param items: ids or names, ``artist:…`` and ``album:…`` too; several are added up as vectors of length 1
        :param minus: what is taken away, likewise
        :param weights: how much each counts: of ``items``, then of ``minus``, then of ``vector``; 1 without them
        :param vector: [dim] numbers that are added as well
        :param kind: what to look among: ``item``, ``artist`` or ``album``
        :param k: how many; fewer come only where fewer are left
        :param among: only these: a mask by row (such as ``table["released"] > 1980``), or rows
        :param min_events: only what has so many events; 0: all, as where nothing has so many, and of imported vectors
        :raises ItemNotFound, ItemAmbiguous, ItemWithoutVector: what is named
        :raises MissingPart: the model has no neighbours, or the snapshot not this kind
        :raises BadUsage: nothing is named, weights do not fit, or nothing is left of the sum
        """
        _require_within("k", k, _options.K_RANGE)
        _require_within("min_events", min_events, _options.MIN_EVENTS_RANGE)
        plus, taken = _listed(items), _listed(minus)
        search = self._search(kind)
        entities = [find_entity(query, kind, self._catalogue) for query in plus + taken]
        units = [self._direction_of(entity) for entity in entities]
        if vector is not None:
            units.append(self._free_direction(vector))
        if not plus and vector is None:
            raise BadUsage("no item is named: name one, or give a vector")
        direction = weighted_direction(units, _weights(len(plus), len(taken), vector is not None, weights))
        if direction is None:
            raise BadUsage("what is taken away leaves nothing of the items named: there is no direction")
        allowed = self._allowed(kind, search.num_rows, among)
        enough = self._catalogue(kind).table.column("count").to_numpy()[: search.num_rows] >= min_events
        if self.manifest["model"]["name"] != "imported" and enough.any():
            # Vectors of items that were added are not made of their events.
            if kind == "item":
                enough[self.num_items - self.manifest["model"].get("added", {"rows": 0})["rows"] :] = True
            allowed &= enough
        allowed[[entity.row for entity in entities if entity.kind == kind]] = False
        ranked = search.best(direction, k, allowed)
        record = self._catalogue(kind).record
        pairs = zip(ranked.rows.tolist(), ranked.scores.tolist())
        return Neighbours({"rank": at, **record(row), "similarity": score} for at, (row, score) in enumerate(pairs, 1))

    def verify(self) -> None:
        """Reads every file and compares its sha256 with the manifest; raises Damaged for the first that differs."""
        self._require_open()
        self._files.verify_all()

    # How it is opened: each part when it is first asked for, and kept.

    def _once(self, what: str, make: Callable[[], T]) -> T:
        # Two threads may both make it, and get equal ones.
        if what not in self._opened:
            self._require_open()
            self._opened[what] = make()
        made: T = self._opened[what]
        return made

    def _require_open(self) -> None:
        if self.closed:
            raise ValueError(f"snapshot {self.id} is closed")

    def _dim(self) -> int:
        if self._scorer() not in _WITH_VECTORS:
            model = self.manifest["model"]["name"]
            message = f"snapshot {self.id} is of the model {model}, which has no vectors"
            raise MissingPart(message, snapshot=self.id, model=model)
        return int(self.manifest["model"]["dim"])

    def _scorer(self) -> str:
        scorer = str(self.manifest["model"]["scorer"])
        if scorer not in _SCORERS:
            known = ", ".join(_SCORERS)
            message = f'snapshot {self.id}: the scorer of its model is "{scorer}"; this reader knows {known}'
            raise NewerFormat(message, snapshot=self.id, got=scorer, wanted=_SCORERS)
        return scorer

    def _require_users(self) -> None:
        if self.manifest.get("users") is None:
            raise MissingPart(f"snapshot {self.id} was made without users", snapshot=self.id, part="users")

    def _find_user(self, user: str) -> tuple[UserPart, int]:
        _require_text(user)
        part = part_of(self.user_parts, user)
        row = part.row(user)
        if row is None:
            raise UserNotFound(f'snapshot {self.id} has no user "{user}"', snapshot=self.id, user=user)
        return part, row

    def _require_kind(self, kind: str) -> None:
        if kind not in self.kinds:
            message = f"snapshot {self.id} has no vectors of kind {kind!r}; it has: {', '.join(self.kinds)}"
            raise MissingPart(message, snapshot=self.id, kind=kind, kinds=self.kinds)

    def _num_vectors(self, kind: str) -> int:
        return self.num_items if kind == "item" else int(self.manifest["model"]["kinds"][kind]["vectors"])

    def _vectors(self, kind: str) -> F32:
        dim = self._dim()
        self._require_kind(kind)
        shape = (self._num_vectors(kind), dim)
        return self._once(f"{kind} vectors", lambda: self._files.array(f"model/{kind}.npy", "<f4", shape))

    def _catalogue(self, kind: str) -> Catalogue:
        self._require_kind(kind)
        columns = {"id": pa.string(), "count": pa.uint32(), "name": pa.string()}

        def make() -> Catalogue:
            name = f"model/{kind}.arrow"
            table = self._files.table(name, columns)
            if table.num_rows < self._num_vectors(kind):
                raise self._files.damaged(name, f"has {table.num_rows} rows, fewer than vectors")
            return Catalogue(kind, table)

        return self._once(f"{kind} catalogue", make)

    def _search(self, kind: str) -> Search:
        self._require_kind(kind)
        return self._once(f"{kind} search", lambda: self._make_search(kind))

    def _make_search(self, kind: str) -> Search:
        if self._scorer() == "item-item":
            shape = (self.num_items, self.num_items)
            return MatrixSearch(DenseRows(self._files.array("model/similarity.npy", "<f4", shape)))
        if self._scorer() == "sparse-item-item":
            return MatrixSearch(self._sparse_rows())
        if self._scorer() == "constant":
            model = self.manifest["model"]["name"]
            message = f"snapshot {self.id} is of the model {model}, which scores every item by itself"
            raise MissingPart(f"{message}: no item is near to another", snapshot=self.id, model=model)
        return CosineSearch(self._vectors(kind))

    def _sparse_rows(self) -> SparseRows:
        indptr = self._files.array("model/similarity.indptr.npy", "<u4", (self.num_items + 1,))
        entries = (int(indptr[-1]),)
        idx = self._files.array("model/similarity.idx.npy", "<u4", entries)
        return SparseRows(indptr, idx, self._files.array("model/similarity.weight.npy", "<f4", entries))

    def _direction_of(self, entity: Entity) -> F32:
        search = self._search(entity.kind)
        if entity.row < search.num_rows:
            direction = search.direction_of(entity.row)
            if len(direction) > 0 and not np.isnan(direction[0]):
                return direction
        record = self._catalogue(entity.kind).record(entity.row)
        message = f'"{record["name"]}" is in the catalogue, but nobody played or liked it: it has no vector'
        raise ItemWithoutVector(message, id=record["id"])

    def _free_direction(self, vector: ArrayLike) -> F32:
        dim = self._dim()
        values: F32 = np.asarray(vector, np.float32)
        if values.shape != (dim,) or not np.isfinite(values).all() or not values.any():
            raise BadUsage(f"the vector has the shape {values.shape}, wanted {dim} finite numbers that are not all 0")
        return (values.astype(np.float64) / length_of(values)).astype(np.float32)

    def _allowed(self, kind: str, num_rows: int, among: ArrayLike | None) -> NDArray[np.bool_]:
        if among is None:
            return np.ones(num_rows, np.bool_)
        allowed = np.zeros(self._catalogue(kind).table.num_rows, np.bool_)
        given = np.asarray(among)
        if given.dtype == object:
            # A mask with nulls: what is not known is not taken.
            given = np.array([value is True for value in given.tolist()], np.bool_)
        if given.dtype == np.bool_ and given.shape in ((num_rows,), allowed.shape):
            given = np.flatnonzero(given)
        elif given.ndim != 1 or (given.dtype.kind not in "iu" and given.size > 0):
            raise BadUsage(f"among has the shape {given.shape} of {given.dtype}, wanted a mask by row, or rows")
        if given.size > 0 and not 0 <= given.min() <= given.max() < len(allowed):
            raise BadUsage(f"among names rows from {given.min()} to {given.max()}, wanted 0 to {len(allowed) - 1}")
        allowed[given.astype(np.int64)] = True
        return allowed[:num_rows]

    def _pairs(self, histories: Histories, which: slice) -> Any:
        items = pa.array(histories.item[which])
        if len(items) > 0 and int(histories.item[which].max()) >= self.items.num_rows:
            raise self._files.damaged("users/", "has histories of rows that model/item.arrow does not have")
        flags = histories.flags[which]
        return pa.table(
            {
                "item": self.items.column("id").take(items),
                "name": self.items.column("name").take(items),
                "weight": histories.weight[which] / _PARTS_OF_WEIGHT,
                "count": histories.count[which],
                "last": pa.array(histories.last[which]).cast(pa.timestamp("ms", "UTC")),
                "disliked": (flags & _PREFERRED) == 0,
                "banned": (flags & _BANNED) != 0,
            }
        )


def open_snapshot(
    root: Root | None = None, reference: str | None = None, *, as_: str | None = None, verify: bool = True
) -> Snapshot:
    """
    Opens a snapshot for reading, and keeps it by a lease: publishing, rolling back and ``segue gc`` beside it change
    nothing of what is read.

    :param root: the directory that ``segue --root`` names; without it ``SEGUE_ROOT``, else ``.segue``
    :param reference: ``current``, ``latest``, a tag, an id, or the first 4 digits of one or more; without it
        ``current``, or ``latest`` with a warning while nothing is published
    :param as_: of a bundle, which member; its first without it
    :param verify: compare the sha256 of each file when it is first used, where segue has not verified that very file
        before; the sizes of all files are compared in any case
    :raises SnapshotNotFound: nothing is published, or nothing has that name
    :raises NewerFormat: a later segue wrote it
    :raises NotASnapshot, Damaged, DamagedRoot, Busy, BadUsage: its own words say it
    """
    where = os.environ.get("SEGUE_ROOT") or ".segue" if root is None else root
    leased = lease_snapshot(where, usual_reference(where) if reference is None else reference, as_)
    return Snapshot(leased, os.path.join(where, "stamps", leased.id), verify)


def _listed(names: str | Sequence[str]) -> list[str]:
    listed = [names] if isinstance(names, str) or not isinstance(names, Iterable) else list(names)
    for name in listed:
        _require_text(name)
    return listed


def _require_text(name: object) -> None:
    """Ids are text, also those of digits alone: a number could as well be a row."""
    if not isinstance(name, str):
        raise BadUsage(f'{name!r} is a {type(name).__name__}, and ids are text: "{name}"')


def _require_within(name: str, value: int, bounds: tuple[int, int]) -> None:
    least, most = bounds
    if not least <= value <= most:
        raise BadUsage(f"{name} is {value}, wanted a whole number from {least} to {most}")


def _weights(num_plus: int, num_minus: int, has_vector: bool, weights: Sequence[float] | None) -> list[float]:
    """The weight of each term, below 0 for what is taken away."""
    num_terms = num_plus + num_minus + has_vector
    given = [] if weights is None else [float(weight) for weight in weights]
    lengths = sorted({num_plus, num_plus + num_minus, num_terms} - {0})
    if given and len(given) not in lengths:
        wanted = " or ".join(map(str, lengths))
        raise BadUsage(f"weights has {len(given)} numbers, wanted {wanted}: of items, then of minus, then of vector")
    if not all(weight != 0 and np.isfinite(weight) for weight in given):
        raise BadUsage(f"weights is {given}, wanted finite numbers other than 0")
    if any(weight < 0 for weight in given[num_plus : num_plus + num_minus]):
        raise BadUsage("a weight below 0 for a minus would add it: name it among the items to add it")
    given += [1.0] * (num_terms - len(given))
    return [-weight if num_plus <= at < num_plus + num_minus else weight for at, weight in enumerate(given)]
