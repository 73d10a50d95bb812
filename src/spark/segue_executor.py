"""What a Spark task runs: it hands its job to the node worker of its executor, and starts that where there is none.

All tasks of an executor share one worker, so that what was broadcast is in memory once. Each Python process holds a
connection to it; a worker without one ends itself.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
import zipimport

from pyspark import SparkFiles

from segue_frames import Refused, read_frame, write_frame

SOCKET = "worker.sock"
LOG = "worker.log"

_connections = {}


def call(settings, head, blobs, kept=()):
    """(head, blobs) of the worker's answer. Raises where the worker ended: Spark tries the task again.

    kept: broadcast lists of blobs by name, which the worker has to have first.
    """
    _forget_archives()
    try:
        home = _home(settings)
        stream = _connections.get(home)
        if stream is None:
            stream = _connections[home] = _connected(home, settings)
    except Refused as refused:
        return {"error": refused.error}, []
    head = dict(head, folder=os.path.abspath(SparkFiles.getRootDirectory()))

    def asked(more, blobs):
        try:
            write_frame(stream, dict(head, **more), blobs)
            answer = read_frame(stream)
        except (OSError, EOFError):
            answer = None
        if answer is None:
            del _connections[home]
            raise RuntimeError(f"the segue worker of this executor ended: {_end_of_log(home)}")
        return answer

    def brought():
        """What was wrong with bringing what the worker lacks; None where nothing was."""
        found, _ = asked({"op": "missing"}, [])
        for name in found.get("missing", ()):
            refused, _ = asked({"op": "keep", "name": name}, kept[name].value)
            if refused:
                return refused
            if getattr(kept[name], "_path", None) is not None:
                # It stands in a file; pyspark would hold it for as long as tasks name it.
                kept[name].__dict__.pop("_value", None)
        return None if "missing" in found else found

    while True:
        if kept:
            # All tasks of an executor bring things to one worker: the first of them for all.
            with _locked(home):
                refused = brought()
            if refused is not None:
                return refused, []
        found, results = asked({}, blobs)
        # A task of before, which Spark tried again, may have had it replaced meanwhile.
        if "missing" not in found:
            return found, results


@contextlib.contextmanager
def _locked(home):
    with open(os.path.join(home, "lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _forget_archives():
    """Before each task pyspark invalidates the import system's caches. Python 3.10 and later then read the directory of every
    archive in them anew, and that of pyspark takes 80 ms. What is forgotten here is opened again where it is wanted.
    """
    for path in [path for path, found in sys.path_importer_cache.items() if isinstance(found, zipimport.zipimporter)]:
        del sys.path_importer_cache[path]


def _home(settings):
    return os.path.join(os.path.abspath(SparkFiles.getRootDirectory()), f"segue-{settings['worker'][:16]}")


def _connected(home, settings):
    os.makedirs(home, mode=0o700, exist_ok=True)
    with _locked(home):
        found = _connect(home)
        if found is None:
            _lay_out(home, settings["files"])
            _start(home, settings)
            found = _connect(home)
    if found is None:
        raise RuntimeError(f"the segue worker of this executor does not answer: {_end_of_log(home)}")
    return found


def _connect(home):
    """By a relative name: the whole path may be longer than a socket's may be."""
    before = os.getcwd()
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        os.chdir(home)
        connection.connect(SOCKET)
        return connection.makefile("rwb")
    except OSError:
        return None
    finally:
        os.chdir(before)
        # The stream keeps it open.
        connection.close()


def _lay_out(home, files):
    """The worker's files, where they refer to each other, each checked before anything of it runs."""
    for path, shared in files.items():
        to = os.path.join(home, path)
        os.makedirs(os.path.dirname(to), exist_ok=True)
        shutil.copyfile(SparkFiles.get(shared["name"]), to)
        with open(to, "rb") as file:
            got = hashlib.sha256(file.read()).hexdigest()
        if got != shared["sha256"]:
            raise Refused(
                "engine-failed",
                f"{path} of the segue worker arrived damaged: its sha256 is {got}, wanted {shared['sha256']}",
            )


def _start(home, settings):
    node = settings["node"] or "node"
    if os.path.dirname(node):
        # One that an archive of Spark's brought stands where its files do.
        node = os.path.join(os.path.abspath(SparkFiles.getRootDirectory()), node)
    _require_node(node)
    try:
        os.unlink(os.path.join(home, SOCKET))
    except FileNotFoundError:
        pass
    with open(os.path.join(home, LOG), "ab") as log:
        process = subprocess.Popen(
            [node, os.path.join("compute", "main.js"), SOCKET, str(settings["threads"])],
            cwd=home,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
        )
    line = process.stdout.readline()
    process.stdout.close()
    if not line:
        raise RuntimeError(f"the segue worker did not start: {_end_of_log(home)}")
    ready = json.loads(line)
    if "error" in ready:
        raise Refused(**ready["error"])
    if ready["version"] != settings["version"]:
        raise Refused("engine-failed", f"the worker is of segue {ready['version']}, wanted {settings['version']}")


def _require_node(node):
    instead = "install Node.js 20.19 or newer on every executor, or name it: `sparkNode` PATH"
    where = socket.gethostname()
    try:
        said = subprocess.run([node, "--version"], stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout
    except OSError as error:
        raise Refused(
            "engine-missing", f"no Node.js on executor {where}: {node}: {error.strerror}", [instead]
        ) from None
    version = said.strip().lstrip("v")
    try:
        major, minor = (int(part) for part in version.split(".")[:2])
    except ValueError:
        raise Refused(
            "engine-missing", f"{node} on executor {where} is not Node.js: --version says {said.strip()!r}", [instead]
        ) from None
    if (major, minor) < (20, 19):
        raise Refused(
            "engine-too-old", f"Node.js on executor {where} is {version}, wanted 20.19 or newer ({node})", [instead]
        )


def _end_of_log(home):
    try:
        with open(os.path.join(home, LOG), "rb") as log:
            return log.read()[-2000:].decode(errors="replace").strip() or "it said nothing"
    except OSError:
        return "there is no log"
