"""The files of one snapshot: each is verified when it is first asked for, then mapped; nothing is copied."""

from __future__ import annotations

import hashlib
import json
import math
import mmap
import os
import re
import stat
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ._errors import Damaged, MissingPart
from ._lease import open_regular
from ._manifest import MAX_BYTES, Manifest

_HASHED_AT_ONCE = 1 << 20

#: Format version 1.0, C order: nothing is evaluated, nothing else is accepted.
_NPY_MAGIC = b"\x93NUMPY\x01\x00"
_NPY_HEADER = re.compile(
    rb"\{'descr': '([^'\\]{2,16})', 'fortran_order': False, 'shape': \(((?:\d+,)?|\d+(?:, \d+)+)\), \} *\n"
)


class SnapshotFiles:
    """
    Below ``directory``, by their paths in the manifest. All are there, in the sizes that the manifest states, or
    Damaged is raised. Their sha256 is compared when each is first opened, unless a stamp of segue's in
    ``stamp_path`` vouches for that very file, or ``verify`` is False.
    """

    def __init__(self, directory: str, manifest: Manifest, stamp_path: str, verify: bool) -> None:
        self.id: str = manifest["id"]
        self._directory = directory
        self._digests: Mapping[str, Mapping[str, Any]] = manifest["files"]
        self._verify = verify
        self._stamped = _read_stamp(stamp_path, manifest["checksum"]) if verify else {}
        for name in self._digests:
            self._check_size(name, self._stat(name))

    def array(self, name: str, dtype: str, shape: tuple[int, ...]) -> NDArray[Any]:
        """
        A read-only array over the mapped file.

        :raises MissingPart: the snapshot has no such file
        :raises Damaged: it is not what the manifest, or ``dtype`` and ``shape``, say
        """
        mapped = self._map(name)
        got_dtype, got_shape, start = self._npy_header(name, mapped)
        if (got_dtype, got_shape) != (dtype, shape):
            raise self.damaged(name, f"holds {got_dtype} {got_shape}, wanted {dtype} {shape}")
        size = start + math.prod(shape) * np.dtype(dtype).itemsize
        if len(mapped) != size:
            raise self.damaged(name, f"has {len(mapped)} bytes, its header wants {size}", got=len(mapped), wanted=size)
        return np.ndarray(shape, dtype, mapped, start)

    def table(self, name: str, columns: Mapping[str, Any], num_rows: int | None = None) -> Any:
        """
        A pyarrow.Table over the mapped file, of ``columns`` without nulls and any others. Raises as ``array``.
        """
        mapped = self._map(name)
        try:
            table = pa.ipc.open_file(pa.py_buffer(mapped)).read_all()
            table.validate(full=True)
        except (pa.ArrowException, OSError) as error:
            raise self.damaged(name, f"cannot be read as an Arrow file: {error}") from None
        for column, wanted in columns.items():
            index = table.schema.get_field_index(column)
            if index < 0 or table.schema.field(index).type != wanted or table.column(index).null_count > 0:
                raise self.damaged(name, f"has no column {column} of {wanted} without nulls")
        if num_rows not in (None, table.num_rows):
            raise self.damaged(name, f"has {table.num_rows} rows, wanted {num_rows}")
        return table

    def verify_all(self) -> None:
        """Compares the sha256 of every file, whatever a stamp says. Raises Damaged for the first that differs."""
        for name in self._digests:
            descriptor = self._open(name)
            try:
                self._check_sum(name, descriptor)
            finally:
                os.close(descriptor)

    def damaged(self, name: str, what: str, **details: Any) -> Damaged:
        return Damaged(f"snapshot {self.id} is damaged: {name} {what}", snapshot=self.id, file=name, **details)

    def _map(self, name: str) -> mmap.mmap:
        if name not in self._digests:
            part = name.split("/")[0]
            message = f"snapshot {self.id} has no {name}"
            raise MissingPart(message, snapshot=self.id, file=name, part=part)
        descriptor = self._open(name)
        try:
            found = os.fstat(descriptor)
            self._check_size(name, found)
            if self._verify and self._stamped.get(name) != _identity(found):
                self._check_sum(name, descriptor)
                self._stamped[name] = _identity(found)
            if found.st_size == 0:
                raise self.damaged(name, "is empty")
            return mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
        finally:
            os.close(descriptor)

    def _open(self, name: str) -> int:
        try:
            return open_regular(os.path.join(self._directory, name))
        except (FileNotFoundError, NotADirectoryError):
            raise self.damaged(name, "is missing") from None

    def _stat(self, name: str) -> os.stat_result:
        try:
            return os.lstat(os.path.join(self._directory, name))
        except (FileNotFoundError, NotADirectoryError):
            raise self.damaged(name, "is missing") from None

    def _check_size(self, name: str, found: os.stat_result) -> None:
        if not stat.S_ISREG(found.st_mode):
            raise self.damaged(name, "is no regular file")
        wanted = self._digests[name]["bytes"]
        if found.st_size != wanted:
            what = f"has {found.st_size} bytes, the manifest states {wanted}"
            raise self.damaged(name, what, got=found.st_size, wanted=wanted)

    def _check_sum(self, name: str, descriptor: int) -> None:
        sha256 = hashlib.sha256()
        at = 0
        while True:
            block = os.pread(descriptor, _HASHED_AT_ONCE, at)
            if not block:
                break
            sha256.update(block)
            at += len(block)
        got, wanted = sha256.hexdigest(), self._digests[name]["sha256"]
        if got != wanted:
            raise self.damaged(name, f"has the sha256 {got}, the manifest states {wanted}", got=got, wanted=wanted)

    def _npy_header(self, name: str, mapped: mmap.mmap) -> tuple[str, tuple[int, ...], int]:
        """Dtype, shape, and where the data starts."""
        start = 10 + int.from_bytes(mapped[8:10], "little")
        header = _NPY_HEADER.fullmatch(mapped[10:start])
        if mapped[:8] != _NPY_MAGIC or header is None:
            raise self.damaged(name, "is no .npy file of segue")
        dtype, axes = header.groups()
        return dtype.decode("latin-1"), tuple(int(axis) for axis in axes.split(b",") if axis), start


def _identity(found: os.stat_result) -> str:
    """As a stamp has it: not the ctime, which changes with every hard link that a derived snapshot makes."""
    return f"{found.st_dev} {found.st_ino} {found.st_size} {found.st_mtime_ns}"


def _read_stamp(path: str, checksum: str) -> dict[str, Any]:
    """By file the identity that segue verified; nothing where the stamp is of another manifest, torn, or none."""
    try:
        descriptor = open_regular(path)
    except (OSError, Damaged):
        return {}
    try:
        stamp = json.loads(os.pread(descriptor, MAX_BYTES, 0))
    except (OSError, ValueError, RecursionError):
        return {}
    finally:
        os.close(descriptor)
    if not isinstance(stamp, dict) or stamp.get("manifest") != checksum or not isinstance(stamp.get("files"), dict):
        return {}
    return dict(stamp["files"])
