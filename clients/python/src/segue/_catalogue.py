"""Looking entities up: by id, by name as people write it, and their records by row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Callable, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from ._closest import closest_rows, fold
from ._errors import ItemAmbiguous, ItemNotFound

#: How many ids an error lists.
_LISTED_IDS = 10


class Entity(NamedTuple):
    """An item, an artist or an album, by its row."""

    kind: str
    row: int


class IdIndex:
    """Rows by id; the dictionary is made when the first is looked up."""

    def __init__(self, ids: Any) -> None:
        self._ids = ids
        self._rows: dict[str, int] | None = None

    def get(self, id: str) -> int | None:
        if self._rows is None:
            self._rows = {id: row for row, id in enumerate(self._ids.to_pylist())}
        return self._rows.get(id)


class Catalogue:
    """The entities of one kind: those of the model, then those that nobody played."""

    def __init__(self, kind: str, table: Any) -> None:
        self.kind = kind
        self.table = table
        self._ids = IdIndex(table.column("id"))
        self._folded: Any = None
        own = ("id", "name", "count", "rank")
        self._columns = [name for name in table.column_names if name not in own]

    def row_of_id(self, id: str) -> int | None:
        return self._ids.get(id)

    def record(self, row: int) -> dict[str, Any]:
        """Id, name and metadata, empty cells left out."""
        record = {name: self.table.column(name)[row].as_py() for name in ("id", "name", *self._columns)}
        return {name: value for name, value in record.items() if value is not None}

    def look_up(self, query: str) -> int | None:
        """
        By id, else by exact name, else by folded name; ``id:…`` and ``name:…`` force one reading. None where nothing
        is called so.

        :raises ItemAmbiguous: several have the name
        """
        if not query.startswith("name:"):
            is_id = query.startswith("id:")
            row = self.row_of_id(query[3:] if is_id else query)
            if row is not None or is_id:
                return row
        text = query[5:] if query.startswith("name:") else query
        rows = self._rows_named(text)
        if len(rows) > 1:
            raise self._ambiguous(text, rows)
        return rows[0] if rows else None

    def find(self, query: str) -> int:
        """
        As ``look_up``.

        :raises ItemNotFound: with names that are alike
        """
        row = self.look_up(query)
        if row is not None:
            return row
        text = query[query.startswith("name:") * 5 or query.startswith("id:") * 3 :]
        names = self.table.column("name")
        closest = [names[row].as_py() for row in closest_rows(text, self.table)]
        hint = f"; did you mean {' or '.join(repr(name) for name in closest)}?" if closest else ""
        raise ItemNotFound(f'no {self.kind} is called "{query}"{hint}', query=query, closest=closest)

    def _rows_named(self, name: str) -> list[int]:
        same = _rows_equal(self.table.column("name"), name)
        if same:
            return same
        if self._folded is None:
            self._folded = pa.array(map(fold, self.table.column("name").to_pylist()), pa.large_string())
        return _rows_equal(self._folded, fold(name))

    def _ambiguous(self, name: str, rows: Sequence[int]) -> ItemAmbiguous:
        ids = self.table.column("id").take(pa.array(rows)).to_pylist()
        listed = ", ".join(map(str, ids[:_LISTED_IDS])) + (", …" if len(ids) > _LISTED_IDS else "")
        message = f'"{name}" is the name of {len(rows)} {self.kind}s: {listed}; name one by "id:" and its id'
        return ItemAmbiguous(message, query=name, ids=ids)


def find_entity(query: str, kind: str, catalogue_of: Callable[[str], Catalogue]) -> Entity:
    """
    What a name means: ``artist:…``, ``album:…`` and ``item:…`` force a kind (unless that is, whole, an id of ``kind``
    or of an item); else it is one of ``kind``, or an item where none of ``kind`` is called so.

    :raises ItemNotFound, ItemAmbiguous, MissingPart:
    """
    first = [kind] if kind == "item" else [kind, "item"]
    prefix, _, name = query.partition(":")
    if prefix in ("item", "artist", "album") and name != "":
        for known in first:
            row = catalogue_of(known).row_of_id(query)
            if row is not None:
                return Entity(known, row)
        return Entity(prefix, catalogue_of(prefix).find(name))
    for known in first:
        row = catalogue_of(known).look_up(query)
        if row is not None:
            return Entity(known, row)
    return Entity(kind, catalogue_of(kind).find(query))


def _rows_equal(column: Any, text: str) -> list[int]:
    return [int(row) for row in pc.indices_nonzero(pc.equal(column, text)).to_pylist()]
