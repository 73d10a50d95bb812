"""Frames between processes: u32 little-endian length of a JSON head, the head, and the blobs whose sizes it lists."""

import json
import struct


class Refused(Exception):
    """What trying again would not change: the answer is this error."""

    def __init__(self, code, message, suggestions=()):
        super().__init__(message)
        self.error = {"code": code, "message": message, "suggestions": list(suggestions)}


def write_frame(stream, head, blobs=()):
    text = json.dumps(dict(head, sizes=[len(blob) for blob in blobs])).encode()
    stream.write(struct.pack("<I", len(text)))
    stream.write(text)
    for blob in blobs:
        stream.write(blob)
    stream.flush()


def read_frame(stream):
    """The next (head, blobs); None where the stream has ended before one."""
    length = stream.read(4)
    if not length:
        return None
    head = json.loads(_exactly(stream, struct.unpack("<I", length)[0]))
    return head, [_exactly(stream, size) for size in head.pop("sizes")]


def _exactly(stream, size):
    found = stream.read(size)
    if len(found) < size:
        raise EOFError("the stream ended within a frame")
    return found
