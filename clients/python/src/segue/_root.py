"""
From what a user calls a snapshot to its directory, under a lease. The text of links is read, and none is followed, so
that a link which segue did not make leads nowhere.
"""

from __future__ import annotations

import os
import re
import stat
import time
import warnings
from typing import NamedTuple, Union

from ._errors import BadUsage, Busy, Damaged, DamagedRoot, SnapshotNotFound
from ._lease import take_lease
from ._manifest import ID, MAX_BYTES, Manifest, is_bundle, parse_manifest

Root = Union[str, "os.PathLike[str]"]

_ID_PREFIX = re.compile(r"[0-9a-f]{4,16}")
_TAG = re.compile(r"[a-z][a-z0-9._-]{0,63}")
_RESERVED = ("current", "latest", "previous", "none")

#: A collector may be faster than a reader, but hardly ever this often.
_MAX_TRIES = 10


class Leased(NamedTuple):
    """A snapshot that stays while ``lease`` is open; its files are not verified."""

    id: str
    directory: str
    manifest: Manifest
    lease: int
    #: The lease on the bundle that it was found in.
    outer: int | None = None
    #: The id of that bundle, else its own.
    named: str = ""

    def release(self) -> None:
        for lease in (self.lease, self.outer):
            if lease is not None:
                os.close(lease)


def current_id(root: Root) -> str | None:
    """
    The id of what is published in ``root``, or None where nothing is: one look at a link. A service that holds a
    snapshot open compares it with ``snapshot.named``, to know when to open the next one.

    :raises DamagedRoot: ``current`` is no link of segue
    """
    return _read_link(os.path.join(root, "current"), "snapshots/")


def usual_reference(root: Root) -> str:
    """``current``, or ``latest`` with a warning while nothing is published. Raises SnapshotNotFound without either."""
    if current_id(root) is not None:
        return "current"
    latest = _read_link(os.path.join(root, "latest"), "snapshots/")
    if latest is None:
        raise _not_found(root, f"nothing is published in {root} yet")
    message = f"nothing is published in {root} yet: this is the latest snapshot, {latest}"
    warnings.warn(message, stacklevel=3)
    return "latest"


def lease_snapshot(root: Root, reference: str, as_: str | None = None) -> Leased:
    """
    The snapshot that a reference names, or of the bundle that it names the member ``as_``, its first without one.

    :raises BadUsage, SnapshotNotFound, DamagedRoot, Busy, NotASnapshot, NewerFormat, Damaged:
    """
    named = _lease_named(root, reference)
    try:
        if not is_bundle(named.manifest):
            if as_ is not None:
                raise BadUsage(f'{reference} ({named.id}) is no bundle, so there is no "{as_}" in it')
            return named
        members = {member["as"]: member["snapshot"] for member in named.manifest["members"]}
        member = next(iter(members)) if as_ is None else as_
        if member not in members:
            raise BadUsage(f'bundle {named.id} has no "{member}": it has {", ".join(members)}')
        try:
            leased = _lease_named(root, members[member])
        except SnapshotNotFound as error:
            # Whoever has a lease on a bundle keeps its members: no collector was faster.
            raise Damaged(f"bundle {named.id} is damaged: {error}", snapshot=named.id) from None
        if is_bundle(leased.manifest):
            leased.release()
            raise Damaged(f"bundle {named.id} is damaged: {member} is a bundle itself", snapshot=named.id)
        return leased._replace(outer=named.lease, named=named.id)
    except BaseException:
        named.release()
        raise


def _lease_named(root: Root, reference: str) -> Leased:
    """
    Resolves a reference once and takes the lease; tries again where the snapshot was collected in between.

    :raises BadUsage, SnapshotNotFound, DamagedRoot, Busy, NotASnapshot, NewerFormat, Damaged:
    """
    for attempt in range(1, _MAX_TRIES + 1):
        try:
            snapshot = _resolve(root, reference)
            directory = _directory_of(root, snapshot)
            lease = take_lease(directory)
        except (SnapshotNotFound, DamagedRoot):
            # A link can be moved, and what it named collected, between two system calls.
            if attempt == _MAX_TRIES:
                raise
            continue
        if lease is not None:
            return _leased(snapshot, directory, lease)
        # A collector that asks whether anyone reads it has it for a few system calls.
        time.sleep(attempt / 1000)
    raise Busy(f"the snapshot that {reference} names is being collected; try again")


def _leased(snapshot: str, directory: str, lease: int) -> Leased:
    try:
        path = os.path.join(directory, "manifest.json")
        size = os.fstat(lease).st_size
        if size > MAX_BYTES:
            message = f"damaged snapshot: {path} has {size} bytes, {MAX_BYTES} at most were expected"
            raise Damaged(message, file=path, got=size, wanted=MAX_BYTES)
        manifest = parse_manifest(os.pread(lease, size, 0), path)
        if manifest["id"] != snapshot:
            raise Damaged(
                f"snapshot {snapshot} is damaged: manifest.json is that of {manifest['id']}",
                snapshot=snapshot,
                file="manifest.json",
                got=manifest["id"],
                wanted=snapshot,
            )
        return Leased(snapshot, directory, manifest, lease, named=snapshot)
    except BaseException:
        os.close(lease)
        raise


def _resolve(root: Root, reference: str) -> str:
    """The id that a reference names; its snapshot was there a moment ago."""
    if reference in ("current", "latest"):
        link = os.path.join(root, reference)
        snapshot = _read_link(link, "snapshots/")
        if snapshot is None:
            made = "published" if reference == "current" else "made"
            raise _not_found(root, f"nothing is {made} in {root} yet")
        return _linked(root, link, snapshot)
    if ID.fullmatch(reference):
        return reference
    if _ID_PREFIX.fullmatch(reference):
        return _id_beginning_with(root, reference)
    if _TAG.fullmatch(reference) and reference not in _RESERVED:
        link = os.path.join(root, "tags", reference)
        snapshot = _read_link(link, "../snapshots/")
        if snapshot is None:
            raise _not_found(root, f'no snapshot is tagged "{reference}" in {root}')
        return _linked(root, link, snapshot)
    wanted = "wanted current, latest, a tag, an id, or the first 4 digits of an id or more"
    raise BadUsage(f"{reference[:80]!r} cannot name a snapshot: {wanted}")


def _read_link(link: str, prefix: str) -> str | None:
    """The id in the text of a link of segue, or None where there is no such entry."""
    try:
        target = os.readlink(link)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        if os.path.islink(link) or not os.path.lexists(link):
            raise
        raise DamagedRoot(f"{link} is not the symbolic link that segue keeps there", file=link) from None
    snapshot = target[len(prefix) :]
    if target.startswith(prefix) and ID.fullmatch(snapshot):
        return snapshot
    message = f"{link} points outside of the snapshots, to {target!r}; wanted a link to snapshots/ and an id"
    raise DamagedRoot(message, file=link, got=target)


def _linked(root: Root, link: str, snapshot: str) -> str:
    if os.path.lexists(os.path.join(root, "snapshots", snapshot)):
        return snapshot
    raise DamagedRoot(f"{link} names the snapshot {snapshot}, which is not there", file=link, got=snapshot)


def _directory_of(root: Root, snapshot: str) -> str:
    snapshots = os.path.join(root, "snapshots")
    path = os.path.join(snapshots, snapshot)
    try:
        mode = os.lstat(path).st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise _not_found(root, f"there is no snapshot {snapshot} in {root}") from None
    if not stat.S_ISDIR(mode):
        raise DamagedRoot(f"{path} is not a snapshot's directory", file=path)
    # The directory itself, so that what the root's own path leads to may change while it is read.
    real = os.path.realpath(snapshots)
    if real != os.path.join(os.path.realpath(root), "snapshots"):
        raise DamagedRoot(f"{path} lies outside of {root}: it is reached through a link", file=path)
    return os.path.join(real, snapshot)


def _id_beginning_with(root: Root, prefix: str) -> str:
    found = [snapshot for snapshot in _snapshot_ids(root) if snapshot.startswith(prefix)]
    if len(found) > 1:
        message = f"{len(found)} snapshots in {root} begin with {prefix}: {', '.join(found)}"
        raise SnapshotNotFound(message, snapshots=found)
    if not found:
        raise _not_found(root, f"no snapshot in {root} begins with {prefix}")
    return found[0]


def _snapshot_ids(root: Root) -> list[str]:
    return [name for name in _names_in(os.path.join(root, "snapshots")) if ID.fullmatch(name)]


def _names_in(directory: str) -> list[str]:
    try:
        return sorted(os.listdir(directory))
    except (FileNotFoundError, NotADirectoryError):
        return []


def _not_found(root: Root, what: str) -> SnapshotNotFound:
    snapshots = _snapshot_ids(root)
    tags = _names_in(os.path.join(root, "tags"))
    if snapshots:
        what += f"; there are: {', '.join([*snapshots[:8], *(['…'] if len(snapshots) > 8 else []), *tags])}"
    return SnapshotNotFound(what, snapshots=snapshots, tags=tags)
