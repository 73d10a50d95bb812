"""manifest.json: checked before anything in it is believed. It covers itself by its checksum, and all other files."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Callable, cast

from ._errors import Damaged, NewerFormat, NotASnapshot

FORMAT = "segue-snapshot"
FORMAT_VERSION = 1
#: Of a bundle: names for other snapshots, and no files.
BUNDLE_VERSION = 2
#: Of a snapshot whose users are in shards.
LARGE_VERSION = 3
#: Of a snapshot to which items were added, with users in shards or without.
ADDED_VERSION = 4
MAX_SHARDS = 1024
#: Kinds beside the items, which items make together.
GROUPED_KINDS = ("artist", "album")

MAX_BYTES = 4 << 20
MAX_FILES = 10_000
ID = re.compile(r"[0-9a-f]{16}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
#: One to four names without a leading dot: no "..", no absolute path.
_PATH = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9._-]{0,63}/){0,3}[A-Za-z0-9_][A-Za-z0-9._-]{0,63}")

Manifest = Mapping[str, Any]


class _Number(str):
    """A number as it is spelled: JavaScript and Python print some differently, so none is printed anew."""


def parse_manifest(text: bytes, path: str) -> dict[str, Any]:
    """
    What a manifest says; ``path`` is for messages.

    :raises NotASnapshot: it is another program's
    :raises NewerFormat: it is of a later format version
    :raises Damaged: it is not as segue writes it, or its checksum is another
    """
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
        spelled = json.loads(text, parse_int=_Number, parse_float=_Number)
    except (ValueError, RecursionError) as error:
        raise _damaged(path, f"is not JSON: {error}") from None
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise NotASnapshot(f'{path} is no manifest of segue: its format is not "{FORMAT}"', file=path)
    _check_version(value.get("formatVersion"), path)
    if is_bundle(value):
        _check_members(value, path)
    else:
        _check_fields(value, path)
        if value["formatVersion"] == ADDED_VERSION:
            _check_added(value, path)
        if _is_large(value):
            _check_shards(value, path)
    unsigned = {key: member for key, member in spelled.items() if key != "checksum"}
    try:
        checksum = hashlib.sha256(_printed(unsigned, "", "").encode()).hexdigest()
        is_canonical = f"{_printed(spelled, '  ', chr(10))}\n".encode() == text
    except (UnicodeEncodeError, RecursionError):
        raise _damaged(path, "is not in the form in which segue writes it") from None
    if value["checksum"] != checksum:
        wanted = value["checksum"]
        raise _damaged(path, f"its checksum is {checksum}, it states {wanted}", got=checksum, wanted=wanted)
    # Also refuses what a parser forgives: repeated keys, other white space, other spellings of a number.
    if not is_canonical:
        raise _damaged(path, "is not in the form in which segue writes it")
    return cast(dict[str, Any], value)


def _check_version(version: object, path: str) -> None:
    if _is_count(version) and version in (FORMAT_VERSION, BUNDLE_VERSION, LARGE_VERSION, ADDED_VERSION):
        return
    if isinstance(version, int) and not isinstance(version, bool) and version > ADDED_VERSION:
        message = f"{path} has format version {version}; this reader knows versions up to {ADDED_VERSION}"
        raise NewerFormat(message, file=path, got=version, wanted=ADDED_VERSION)
    got = json.dumps(version)[:80]
    message = f"{path} is no manifest of segue: its format version is {got}, wanted a whole number from 1 on"
    raise NotASnapshot(message, file=path)


def is_bundle(manifest: Manifest) -> bool:
    return bool(manifest["formatVersion"] == BUNDLE_VERSION)


def _check_members(manifest: Manifest, path: str) -> None:
    """Its id is that of its members, in their order; nothing else is in it."""
    members = manifest.get("members")
    if not isinstance(members, list) or not members or not all(map(_is_member, members)):
        raise _damaged(path, '"members" is not a list of names and ids')
    named = [{"as": member["as"], "snapshot": member["snapshot"]} for member in members]
    if len({member["as"] for member in named}) < len(named):
        raise _damaged(path, '"members" has a name twice')
    content = {"files": {}, "format": FORMAT, "formatVersion": BUNDLE_VERSION, "members": named}
    text = json.dumps(content, separators=(",", ":"), sort_keys=True)
    wanted = hashlib.sha256(text.encode()).hexdigest()[:16]
    if manifest.get("id") != wanted or manifest.get("files") != {}:
        raise _damaged(path, f'"id" is not that of its members, {wanted}')
    if not _is_sha256(manifest.get("checksum")):
        raise _damaged(path, '"checksum" is not 64 hexadecimal digits')


def _is_member(value: object) -> bool:
    return isinstance(value, dict) and _is_name(value.get("as")) and _is_id(value.get("snapshot"))


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 1000


def _is_section(value: object) -> bool:
    return isinstance(value, dict)


def _matches(pattern: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


_is_id = _matches(ID)
_is_name = _matches(re.compile(r"[a-z][a-z0-9._-]{0,63}"))
_is_sha256 = _matches(_SHA256)


def _check_fields(manifest: Manifest, path: str) -> None:
    """Of what this reader relies on; what it does not know is left alone."""

    def require(fields: Mapping[str, Any], where: str, key: str, test: Callable[[object], bool], wanted: str) -> Any:
        value = fields.get(key)
        if not test(value):
            raise _damaged(path, f'"{where}{key}" is {json.dumps(value)[:80]}, wanted {wanted}')
        return value

    def section(fields: Mapping[str, Any], where: str, key: str) -> Mapping[str, Any]:
        return cast(Mapping[str, Any], require(fields, where, key, _is_section, "an object"))

    for key in ("id", "basis"):
        require(manifest, "", key, _is_id, "16 hexadecimal digits")
    require(manifest, "", "checksum", _is_sha256, "64 hexadecimal digits")
    interactions = section(section(manifest, "", "inputs"), "inputs.", "interactions")
    for key in ("events", "users", "items", "pairs"):
        require(interactions, "inputs.interactions.", key, _is_count, "a whole number")
    model = section(manifest, "", "model")
    for key in ("name", "scorer", "fold"):
        require(model, "model.", key, _is_text, "a short text")
    require(model, "model.", "dim", _is_count, "a whole number")
    kinds = section(model, "model.", "kinds") if "kinds" in model else {}
    for kind in GROUPED_KINDS:
        if kind in kinds:
            for key in ("rows", "vectors"):
                where = f"model.kinds.{kind}."
                require(section(kinds, "model.kinds.", kind), where, key, _is_count, "a whole number")
    if manifest.get("users") is not None:
        require(section(manifest, "", "users"), "users.", "rows", _is_count, "a whole number")
    files = section(manifest, "", "files")
    if len(files) > MAX_FILES:
        raise _damaged(path, f'"files" has {len(files)} entries, wanted {MAX_FILES} at most')
    for name in files:
        if _PATH.fullmatch(name) is None or name == "manifest.json":
            raise _damaged(path, f'"files" names {json.dumps(name)[:80]}, wanted paths below the snapshot')
        digest = section(files, "files.", name)
        require(digest, f"files.{name}.", "bytes", _is_count, "a whole number")
        require(digest, f"files.{name}.", "sha256", _is_sha256, "64 hexadecimal digits")


def shards_of(manifest: Manifest) -> list[Mapping[str, Any]] | None:
    """The shards that users are in; None where they are in one part."""
    if not _is_large(manifest):
        return None
    shards: list[Mapping[str, Any]] = manifest["users"]["shards"]
    return shards


def _is_large(manifest: Manifest) -> bool:
    if manifest["formatVersion"] == ADDED_VERSION:
        return isinstance(manifest["users"], dict) and "shards" in manifest["users"]
    return bool(manifest["formatVersion"] == LARGE_VERSION)


def _check_added(manifest: Manifest, path: str) -> None:
    """They are fewer than the items."""
    added = manifest["model"].get("added")
    rows = added.get("rows") if isinstance(added, dict) else None
    if not isinstance(rows, int) or not 0 <= rows < manifest["inputs"]["interactions"]["items"]:
        raise _damaged(path, '"model.added" is not fewer rows than there are items')


def _check_shards(manifest: Manifest, path: str) -> None:
    """They are a power of two, have all users, and the digests of their files."""
    users = manifest.get("users")
    shards = users.get("shards") if isinstance(users, dict) else None
    count = len(shards) if isinstance(shards, list) else 0
    if not isinstance(shards, list) or not 2 <= count <= MAX_SHARDS or count & (count - 1) != 0:
        raise _damaged(path, f'"users.shards" is not a power of two of shards, {MAX_SHARDS} at most')
    by_shard: dict[str, dict[str, Any]] = {f"{at:04}": {} for at in range(count)}
    for name, digest in manifest["files"].items():
        if name.startswith("users/"):
            shard, _, file = name.removeprefix("users/").partition("/")
            if shard not in by_shard:
                raise _damaged(path, f'"files" names {name}, which is in no shard')
            by_shard[shard][file] = {"bytes": digest["bytes"], "sha256": digest["sha256"]}
    for shard, files in zip(shards, by_shard.values()):
        counts = [shard.get("rows"), shard.get("pairs")] if isinstance(shard, dict) else [None]
        text = json.dumps(files, separators=(",", ":"), sort_keys=True)
        wanted = hashlib.sha256(text.encode()).hexdigest()
        if not all(map(_is_count, counts)) or shard.get("sha256") != wanted:
            raise _damaged(path, f'"users.shards" states a shard that is not that of its files, {wanted}')
    if sum(shard["rows"] for shard in shards) != manifest["users"]["rows"]:
        raise _damaged(path, '"users.shards" has other users than "users"')


def _printed(value: object, indent: str, line_break: str) -> str:
    """Canonical JSON: keys by UTF-16 code units; without white space, or an entry a line where ``indent`` is given."""
    if isinstance(value, _Number):
        return value
    inner = line_break + indent
    if isinstance(value, dict):
        colon = ": " if line_break else ":"
        entries = [
            f"{inner}{json.dumps(key, ensure_ascii=False)}{colon}{_printed(member, indent, inner)}"
            for key, member in sorted(value.items(), key=_utf16_key)
        ]
        return f"{{{','.join(entries)}{line_break}}}" if entries else "{}"
    if isinstance(value, list):
        entries = [f"{inner}{_printed(element, indent, inner)}" for element in value]
        return f"[{','.join(entries)}{line_break}]" if entries else "[]"
    return json.dumps(value, ensure_ascii=False)


def _utf16_key(entry: tuple[str, object]) -> bytes:
    return entry[0].encode("utf-16-be")


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _damaged(path: str, what: str, **details: Any) -> Damaged:
    return Damaged(f"damaged snapshot: {path} {what}", file=path, **details)
