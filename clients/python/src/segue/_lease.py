"""
A lease keeps a snapshot from being collected while it is read: a shared lock of the kernel's on its manifest.json,
which is gone when its descriptor is closed or its process ends.

On Linux it is an open-file-description lock: segue does not see those of ``flock``, and ``lockf`` loses its own as soon
as the process closes any descriptor of the file. It is never unlocked, only closed: after a fork parent and child share
it, and either may close its own descriptor without taking the other's lease.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import struct
import sys

from ._errors import Damaged

# Python's own constant is missing where it was built against old headers.
_F_OFD_SETLK = getattr(fcntl, "F_OFD_SETLK", 37)


def take_lease(directory: str) -> int | None:
    """
    A descriptor of the snapshot's manifest that keeps the snapshot while it is open, or None where it is being
    collected right now, or has just been: resolve again.

    :raises Damaged: the manifest is missing, or no regular file
    :raises OSError: what else the machine refuses
    """
    path = os.path.join(directory, "manifest.json")
    try:
        descriptor = open_regular(path)
    except (FileNotFoundError, NotADirectoryError):
        if os.path.lexists(directory):
            raise Damaged(f"damaged snapshot: {path} is missing", file=path) from None
        return None
    try:
        if _lock_shared(descriptor) and _is_still_at(path, descriptor):
            return descriptor
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def open_regular(path: str) -> int:
    """
    A descriptor of the regular file at ``path``: never through a symbolic link, never blocked by a FIFO.

    :raises Damaged: something else stands there
    :raises OSError: FileNotFoundError, PermissionError …
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        # What O_NOFOLLOW says of a link, and open of a socket.
        if error.errno in (errno.ELOOP, errno.EMLINK, errno.ENXIO):
            raise Damaged(f"damaged snapshot: {path} is no regular file", file=path) from None
        raise
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise Damaged(f"damaged snapshot: {path} is no regular file", file=path)


def _lock_shared(descriptor: int) -> bool:
    """Whether the lock was given: not while whoever collects holds the exclusive one."""
    try:
        if sys.platform == "linux":
            # struct flock of 64-bit Linux: l_type, l_whence, l_start, l_len, l_pid, of which the last must be 0.
            whole_file = struct.pack("hhqqi4x", fcntl.F_RDLCK, os.SEEK_SET, 0, 0, 0)
            fcntl.fcntl(descriptor, _F_OFD_SETLK, whole_file)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES):
            return False
        raise
    return True


def _is_still_at(path: str, descriptor: int) -> bool:
    """Between an open and a lock the directory may have been moved away."""
    try:
        return os.path.samestat(os.fstat(descriptor), os.lstat(path))
    except (FileNotFoundError, NotADirectoryError):
        return False
