"""What may have been meant by a name that nothing has: as the command finds it (src/core/store/closest-texts.ts)."""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_WANTED, _CANDIDATES, _LEAST = 5, 256, 0.5
_LONGEST_QUERY, _LONGEST_PART = 256, 1024
_SEPARATOR = "\x1f"
#: Rows that are compared at once.
_BLOCK = 16_384
#: By byte: letters and digits of ASCII and all beyond it as they are, the rest as a space.
_PLAIN = np.array([at if at >= 0x80 or chr(at).isalnum() else 0x20 for at in range(256)], np.int32)


def fold(name: str) -> str:
    """As segue compares names: NFC, full case folding, NFC again; of this Python's version of Unicode."""
    folded = unicodedata.normalize("NFC", name).casefold()
    return unicodedata.normalize("NFC", folded)


def closest_rows(query: str, table: Any) -> list[int]:
    """The five likest entities of a table by name, artist and id, best first: at least half alike."""
    query = fold(query[:_LONGEST_QUERY]).replace(_SEPARATOR, " ")
    if query == "" or len(table) == 0:
        return []
    columns = [table.column(name) for name in ("name", "artist", "id") if name in table.column_names]
    filled = [pc.fill_null(pc.cast(column, pa.large_string()), "") for column in columns]
    name, *artist, id = map(pc.utf8_lower, filled)
    nothing, separator = pa.scalar("", pa.large_string()), pa.scalar(_SEPARATOR, pa.large_string())
    joined = pc.binary_join_element_wise(
        name, *(artist or [nothing]), pc.if_else(pc.equal(id, name), nothing, id), separator
    )
    scores = _shared_grams(query, pc.utf8_rtrim(joined, _SEPARATOR))
    rows = np.lexsort((np.arange(len(scores)), -scores))[:_CANDIDATES]
    found = []
    for row in rows[scores[rows] > 0].tolist():
        texts = dict.fromkeys(fold(column[row].as_py()[:_LONGEST_PART]) for column in filled)
        likeness = _likeness(query, [text for text in texts if text != ""])
        if likeness >= _LEAST:
            found.append((-likeness, row))
    return [row for _, row in sorted(found)[:_WANTED]]


def _grams(text: Any, mask: int) -> Any:
    plain = _PLAIN[text]
    return ((plain[:-2] << 10) ^ (plain[1:-1] << 5) ^ plain[2:]) & mask


def _shared_grams(query: str, texts: Any) -> Any:
    """By row: the share of the query's n-grams that its text has, and a little more where it has few others."""
    given = query.encode()
    # Of three bytes, of two for a short query; the mask leaves five bits a letter.
    mask = (1 << (10 if len(given) < 5 else 15)) - 1
    wanted = np.zeros(mask + 1, bool)
    wanted[_grams(np.frombuffer(b"\0 " + given + b" ", np.uint8), mask)] = True
    scores = []
    for first in range(0, len(texts), _BLOCK):
        padded = b"".join(b" %b " % text.encode() for text in texts.slice(first, _BLOCK).to_pylist())
        lengths = np.asarray(pc.binary_length(texts.slice(first, _BLOCK))).astype(np.int32) + 2
        grams = _grams(np.frombuffer(b"\0\0" + padded, np.uint8), mask)
        is_shared = wanted[grams]
        # What begins a text is only what stands before its first letter.
        is_shared[np.cumsum(lengths) - lengths] = False
        owners = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
        has = np.zeros((len(lengths), int(wanted.sum())), bool)
        has[owners[is_shared], np.cumsum(wanted)[grams[is_shared]] - 1] = True
        shared = has.sum(axis=1)
        scores.append(shared / wanted.sum() + 0.2 * shared / lengths)
    return np.concatenate(scores)


def _likeness(query: str, parts: list[str]) -> float:
    """As a whole, as what one contains of the other, or word by word; two numbers are the same or not alike."""
    words = [word for part in parts for word in _words(part)]
    letters = sum(map(len, _words(query)))
    found = sum(max((_of_word(word, other) for other in words), default=0.0) * len(word) for word in _words(query))
    alike = [0.9 * found / letters if letters > 0 else 0.0]
    for part in parts:
        if _is_number(query) and _is_number(part):
            alike.append(float(int(query) == int(part)))
            continue
        alike.append(_by_edits(query, part))
        if len(query) >= 3 and query in part:
            alike.append(0.7 + 0.3 * len(query) / len(part))
        elif len(part) >= 4 and part in query:
            alike.append(0.6 + 0.3 * len(part) / len(query))
    return max(alike)


def _of_word(word: str, other: str) -> float:
    if word == other:
        return 1.0
    if _is_number(word) and _is_number(other):
        return float(int(word) == int(other))
    if len(word) >= 3 and other.startswith(word):
        return 0.9
    edits = _by_edits(word, other)
    return edits if edits >= 0.6 else 0.0


def _by_edits(a: str, b: str) -> float:
    """1 − the share of characters that must change."""
    longer = max(len(a), len(b))
    if min(len(a), len(b)) < longer * _LEAST:
        return 0.0
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            above = row[j]
            row[j] = diagonal if letter == other else 1 + min(diagonal, above, row[j - 1])
            diagonal = above
    return 1 - row[-1] / longer


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _words(text: str) -> list[str]:
    return "".join(letter if unicodedata.category(letter)[0] in "LMN" else " " for letter in text).split()
