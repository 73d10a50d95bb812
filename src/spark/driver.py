"""The Spark driver of segue: takes named jobs from the segue process that started it, over a loopback socket, in frames.

It knows nothing of music: `share` makes files reach the executors, and `run` has one blob of work done by the node worker of
some executor (segue_executor.py). When the socket ends, so does it.
"""

import os
import pathlib
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from segue_frames import Refused, read_frame, write_frame

OLDEST_SPARK = (3, 5)
HERE = os.path.dirname(os.path.abspath(__file__))


class Channel:
    """Frames from and to the segue process; whoever finishes first is answered first, by the id of what it asked."""

    def __init__(self):
        # Neither Java nor an executor is to inherit the secret.
        port, secret = int(os.environ.pop("SEGUE_SPARK_PORT")), os.environ.pop("SEGUE_SPARK_SECRET")
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._input = self._socket.makefile("rb", buffering=1 << 20)
        self._output = self._socket.makefile("wb", buffering=1 << 20)
        self._writing = threading.Lock()
        self.write({"secret": secret})

    def read(self):
        return read_frame(self._input)

    def write(self, head, blobs=()):
        with self._writing:
            write_frame(self._output, head, blobs)


def java_of(environment):
    home = environment.get("JAVA_HOME")
    return os.path.join(home, "bin", "java") if home else shutil.which("java")


def require_java(pyspark_version):
    """Spark 4 wants Java 17; Spark 3.5 runs on 8 and later."""
    wanted = 17 if pyspark_version[0] >= 4 else 8
    instead = "install a Java runtime, such as openjdk-17-jre-headless, and set JAVA_HOME or PATH"
    java = java_of(os.environ)
    try:
        said = subprocess.run([java or "java", "-version"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    except OSError as error:
        raise Refused("engine-missing", f"no Java: {java or 'java'}: {error.strerror}", [instead]) from None
    found = re.search(r'version "(?:1\.)?(\d+)', said.stderr + said.stdout)
    if found is None:
        raise Refused("engine-missing", f"{java} is no Java runtime: its -version says no version", [instead])
    if int(found.group(1)) < wanted:
        raise Refused("engine-too-old", f"Java is {found.group(1)}, wanted {wanted} or newer ({java})", [instead])


def require_pyspark():
    if sys.version_info < (3, 8):
        got = ".".join(str(part) for part in sys.version_info[:3])
        raise Refused("engine-too-old", f"Python is {got}, wanted 3.8 or newer ({sys.executable})")
    instead = f"{sys.executable} -m pip install pyspark==3.5.6, or `python` PATH of one that has it"
    try:
        import pyspark
    except ImportError as error:
        raise Refused("engine-missing", f"no pyspark for {sys.executable}: {error}", [instead]) from None
    version = tuple(int(part) for part in re.findall(r"\d+", pyspark.__version__)[:2])
    if version < OLDEST_SPARK:
        raise Refused("engine-too-old", f"pyspark is {pyspark.__version__}, wanted 3.5 or newer", [instead])
    return version


class Driver:
    def __init__(self, channel):
        self._channel = channel
        self._shared = None
        self.context = None
        self._staging = None
        self._settings = None
        self._reading = None
        self._has_executors = False
        self._kept = {}
        self._places = {}

    def start(self, head, _blobs):
        version = require_pyspark()
        if "PYSPARK_GATEWAY_PORT" not in os.environ:
            require_java(version)
        from pyspark import SparkConf, SparkContext
        from segue_events import CONF as EVENTS_CONF
        from pyspark.java_gateway import launch_gateway

        # Given to the JVM here, not on its command line, where everyone could read it.
        gateway = launch_gateway()
        conf = SparkConf(_jvm=gateway.jvm)
        for key, value in head["defaults"].items():
            conf.setIfMissing(key, value)
        for key, value in head["conf"].items():
            conf.set(key, value)
        for key, value in EVENTS_CONF.items():
            conf.set(key, value)
        if conf.get("spark.master", "local[*]") == "local[*]" and not head["hasMaster"]:
            raise Refused(
                "bad-usage",
                "no Spark master is named, neither by `sparkMaster` nor by the configuration of spark-submit",
                ["`sparkMaster` spark://HOST:7077, yarn, or k8s://…"],
            )
        self.context = SparkContext(gateway=gateway, conf=conf)
        self.context.setLogLevel("WARN")
        for module in ("segue_frames.py", "segue_executor.py", "segue_events.py"):
            self.context.addPyFile(os.path.join(HERE, module))
        self._shared = head["folder"]
        self._staging = head["staging"]
        self._settings = head["worker"]
        return {"spark": self.context.version}, []

    def wait(self, _head, _blobs):
        """Until there is an executor. A worker has as many threads as its executor has cores."""
        while True:
            self._require_master()
            cores = [executor.totalCores() for executor in self._executors(True)]
            if any(cores):
                break
            time.sleep(0.2)
        self._has_executors = True
        self._settings["threads"] = max(cores)
        return {"threads": max(cores)}, []

    def _require_master(self):
        """Spark gives up by itself, whatever it is doing then, and says so in its log alone."""
        if self.context is not None and self.context._jsc.sc().isStopped():
            raise Refused(
                "engine-unreachable",
                f"Spark's master does not answer: {self.context.master}",
                ["check `sparkMaster`, and that the master runs and can be reached from here"],
            )

    def tasks(self, _head, _blobs):
        """Of the stages that run now: how many tasks are done, and of how many."""
        tracker = self.context.statusTracker()
        stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        running = [stage for stage in stages if stage is not None]
        done = sum(stage.numCompletedTasks for stage in running)
        return {"done": done, "total": sum(stage.numTasks for stage in running)}, []

    def spent(self, _head, _blobs):
        shuffled = sum(executor.totalShuffleWrite() for executor in self._executors(False))
        executors = sum(executor.totalCores() > 0 for executor in self._executors(True))
        return {"executors": executors, "shuffledBytes": shuffled}, []

    def _executors(self, only_active):
        """The driver counts as one; of a local master it is the only one that has cores."""
        found = self.context._jsc.sc().statusStore().executorList(only_active)
        return [found.apply(at) for at in range(found.size())]

    def share(self, head, _blobs):
        """Files under names of their own, which say what they hold: executors fetch each once, before their next task."""
        for name, path in head["files"].items():
            self.context.addFile(self._staged(name, path))
        return {}, []

    def _staged(self, name, path):
        if self._staging is not None:
            jvm = self.context._jvm
            to = jvm.org.apache.hadoop.fs.Path(self._staging, name)
            system = to.getFileSystem(self.context._jsc.hadoopConfiguration())
            system.copyFromLocalFile(False, True, jvm.org.apache.hadoop.fs.Path(path), to)
            system.deleteOnExit(to)
            return to.toString()
        link = pathlib.Path(self._shared, name)
        link.symlink_to(os.path.realpath(path))
        # As a path, Spark would follow it, and know the file by its other name.
        return link.as_uri()

    def first_file(self, head, _blobs):
        return self._events().first_file(head["path"])

    def columns(self, head, _blobs):
        return self._events().columns(head["source"]), []

    def count_items(self, head, _blobs):
        return self._events().count_items(head["sources"], head["filter"])

    def add_up(self, head, _blobs):
        return self._events().add_up(head["part"], head["items"], self._kept[head["items"]])

    def pairs(self, head, _blobs):
        return self._events().pairs(head["part"])

    def forget_events(self, _head, _blobs):
        self._events().forget()
        return {}, []

    def _events(self):
        if self._reading is None:
            from segue_events import Events

            self._reading = Events(self.context, self._settings)
        self._reading.use_here()
        return self._reading

    def keep(self, head, blobs):
        """Under a name of their own, for tasks that need them: Spark brings them to the executors that run one."""
        if head["name"] not in self._kept:
            self._kept[head["name"]] = self.context.broadcast(blobs)
        return {}, []

    def forget(self, head, _blobs):
        for name in head["names"]:
            self._kept.pop(name).destroy()
            place = self._places.pop(name, None)
            if place is not None:
                place.unpersist()
        return {}, []

    def run(self, head, blobs):
        import segue_executor

        settings, asked = self._settings, head["asked"]
        kept = {name: self._kept[name] for name in head["needs"]}
        # As part of the task, the JVM of the driver would hold it on its heap, several times over.
        given = self.context.broadcast(blobs)
        try:
            [(found, results)] = (
                self._place(head["place"])
                .map(lambda _: segue_executor.call(settings, asked, given.value, kept))
                .collect()
            )
        finally:
            given.destroy()
        return found, results

    def _place(self, name):
        """One partition with nothing in it. With a name, Spark knows who had it before, and prefers them."""
        if name is None:
            return self.context.parallelize([None], 1)
        if name not in self._places:
            self._places[name] = self.context.parallelize([None], 1).persist()
        return self._places[name]

    def answer(self, head, blobs):
        """Does what a frame asks for; what fails is the answer too."""
        asked = head.pop("id")
        try:
            found, results = getattr(self, head.pop("op"))(head, blobs)
            # Executors come and go.
            found = dict(found, parallelism=self.context.defaultParallelism)
        except Refused as refused:
            found, results = {"error": refused.error}, []
        except BaseException as error:
            found, results = self._failure(error), []
        try:
            self._channel.write({**found, "id": asked}, results)
        except OSError:
            pass

    def _failure(self, error):
        try:
            if not self._has_executors:
                self._require_master()
        except Refused as refused:
            return {"error": refused.error}
        return {"failure": f"{type(error).__name__}: {error}"}

    def stop(self):
        if self._shared is not None:
            # Where segue was killed, nobody else does.
            shutil.rmtree(self._shared, ignore_errors=True)
        if self.context is not None:
            self.context.cancelAllJobs()
            self.context.stop()


def main():
    channel = Channel()
    driver = Driver(channel)
    # Whatever Spark waits for, segue does not wait longer.
    threads = ThreadPoolExecutor(max_workers=1024)
    try:
        while True:
            frame = channel.read()
            if frame is None:
                break
            threads.submit(driver.answer, *frame)
    except (OSError, EOFError):
        pass
    finally:
        threading.Timer(10, os._exit, [1]).start()
        try:
            driver.stop()
        finally:
            os._exit(0)


if __name__ == "__main__":
    main()
