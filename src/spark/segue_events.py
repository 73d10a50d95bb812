"""Events that Spark reads → the pairs of users and items that they add up to.

Spark reads rows and shuffles parts of events. What a row holds, and adding up, is the work of segue's own worker on the
executors, so that both engines count the same, and so that Spark moves a few large values instead of every row. A source is a
dict: `path` (anything that Spark's file systems read, globs too) or `table`; once it was looked at also `format`, `layout` (for the worker) and `columns` (names, or null for a cell that no column has).
"""

import contextlib
import json
import re
import threading

from py4j.protocol import Py4JJavaError
from pyspark import RDD, StorageLevel, TaskContext
from pyspark.serializers import NoOpSerializer
from pyspark.sql import SparkSession, functions as F
from pyspark.sql.types import DoubleType, FloatType, TimestampNTZType, TimestampType
from pyspark.sql.utils import AnalysisException

import segue_executor
from segue_frames import Refused

HEAD_BYTES = 1 << 20
CORRUPT = "segue_corrupt_record"
SHUFFLE_PARTITIONS = "spark.sql.shuffle.partitions"
MIN_FILE_PARTITIONS = "spark.sql.files.minPartitionNum"
TASKS_A_CORE = 3
# Of input, for each partition of a shuffle: Parquet takes ten times as much in the memory of a task.
PARTITION_BYTES = 16 << 20
MOST_PARTITIONS = 10_000
# Rows of an Arrow batch: what a worker parses at once.
BATCH_ROWS = 65_536
# What segue takes as milliseconds: less are seconds, and more are in no year that it knows.
UNIX_MS = (100_000_000_000, 253_402_300_799_999)
# Blobs of a part of items, and of one of events.
ITEM_BLOBS, EVENT_BLOBS = 4, 9
# Of what is answered for a part of events: those of its users; the others are of their pairs.
USER_BLOBS = 4

# What a worker refused, through all that Spark wraps around an exception.
REFUSED = "segue refused: "


# Of the application, whatever its own configuration says.
CONF = {
    # Casts that do not wrap, times in UTC, text as it is.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.binaryAsString": "true",
    # Else Spark refuses what pandas writes.
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH_ROWS),
}


class Events:
    """What the segue process asks of events: it plans by what `first_file` and `columns` say, and has them added up part by part."""

    def __init__(self, context, settings):
        self._spark = SparkSession(context)
        self._settings = settings
        self._parts = 0
        self._shuffled = self._added = None
        self._adding = threading.Lock()
        _require_arrow()

    def use_here(self):
        """To be called by every thread: without a session of its own it would have Spark's defaults, by which casts wrap."""
        session = self._spark._jsparkSession
        self._spark._jvm.SparkSession.setActiveSession(session)

    def first_file(self, path):
        """({name, bytes, gzip, table}, [head]) of the first file that is not empty, unpacked."""
        with _refusals():
            head, blobs = _head_of_first(self._spark, path)
            return dict(head, table=_table_around(self._spark, path, head["name"])), blobs

    def columns(self, source):
        with _refusals():
            if "table" in source:
                rows = self._spark.table(source["table"])
            else:
                rows = self._spark.read.parquet(source["path"])
            kinds = {"array": "LIST", "map": "MAP", "struct": "STRUCT"}
            types = [field.dataType.simpleString() for field in rows.schema]
            return {
                "names": rows.schema.names,
                "types": [kinds.get(kind.split("<")[0], kind.upper()) for kind in types],
            }

    def count_items(self, sources, keep_if):
        """({parts, notes}, blobs): into how many parts the events were split, and what the workers say of each part of items."""
        with _refusals():
            _cut_files(self._spark)
            tables = [_rows(self._spark, source) for source in sources]
            self._parts = _num_parts(self._spark, tables)
            jobs = [
                {"job": "split-events", "source": at, "layout": source["layout"], "filter": keep_if, "parts": self._parts}
                for at, source in enumerate(sources)
            ]
            split = [_split(rows, self._settings, job) for rows, job in zip(tables, jobs)]
            # Parts of items, then as many of events.
            self._shuffled = self._spark.sparkContext.union(split).partitionBy(2 * self._parts, int)
            count = _of_part(self._settings, {"job": "count-items", "sources": len(sources)}, {})
            nothing = {name: [0] * len(sources) for name in ("rows", "skipped")}
            found = self._run(self._shuffled.mapPartitions(count), range(self._parts))
            notes = [head for head, _ in found] or [dict(nothing, bad=[], titles={"titles": 0, "shared": []})]
            return {"parts": self._parts, "notes": notes}, [blob for _, blobs in found for blob in blobs]

    def add_up(self, part, items, kept):
        """(head, blobs) of the users of a part. Their pairs stay on the disks of executors."""
        with _refusals(), self._adding:
            if self._added is None:
                add_up = _of_part(self._settings, {"job": "add-up-events", "items": items}, {items: kept})
                self._added = self._shuffled.mapPartitions(add_up).persist(StorageLevel.DISK_ONLY)
            users = self._added.map(lambda answer: (answer[0], answer[1][:USER_BLOBS]))
        with _refusals():
            return self._only(users, part)

    def pairs(self, part):
        with _refusals():
            return self._only(self._added.map(lambda answer: ({}, answer[1][USER_BLOBS:])), part)

    def forget(self):
        if self._added is not None:
            self._added.unpersist()
        self._shuffled = self._added = None

    def _only(self, rdd, part):
        return next(iter(self._run(rdd, [self._parts + part])), ({}, []))

    def _run(self, rdd, parts):
        return self._spark.sparkContext.runJob(rdd, list, parts)


@contextlib.contextmanager
def _refusals():
    """What Spark raises, as what segue says."""
    try:
        yield
    except AnalysisException as error:
        raise Refused("bad-input-file", f"Spark cannot read that: {_first_line(error)}") from None
    except Exception as error:
        text = str(error)
        refused = re.search(re.escape(REFUSED) + r"(\{.*\})", text)
        if refused is not None:
            raise Refused(**json.loads(refused.group(1))) from None
        raise


def _first_line(error):
    return str(error).strip().split("\n")[0]


def _require_arrow():
    instead = "install it for the Python of the driver and of the executors: pip install pyarrow"
    try:
        from pyspark.sql.pandas.utils import require_minimum_pyarrow_version

        require_minimum_pyarrow_version()
    except ImportError as error:
        raise Refused("engine-missing", f"reading events by Spark takes pyarrow: {_first_line(error)}", [instead]) from None


def _cut_files(spark):
    """Into several tasks a core where there are few files, so that none is waited for: Spark itself cuts them into one."""
    if not spark.sparkContext.getConf().contains(MIN_FILE_PARTITIONS):
        spark.conf.set(MIN_FILE_PARTITIONS, str(TASKS_A_CORE * spark.sparkContext.defaultParallelism))


def _num_parts(spark, tables):
    """As many as the input wants, where nobody has said how many."""
    asked = spark.sparkContext.getConf().get(SHUFFLE_PARTITIONS)
    if asked is not None:
        return int(asked)
    size = sum(int(str(rows._jdf.queryExecution().optimizedPlan().stats().sizeInBytes())) for rows in tables)
    return min(max(spark.sparkContext.defaultParallelism, -(-size // PARTITION_BYTES)), MOST_PARTITIONS)


def _of_part(settings, job, kept):
    """What a worker makes of all that was shuffled to a part: one answer, or none where nothing was."""

    def ask(values):
        blobs = [blob for _, found in values for blob in found]
        if blobs:
            yield _asked(settings, {"job": job}, blobs, kept)

    return ask


def _asked(settings, head, blobs, kept=()):
    head, found = segue_executor.call(settings, head, blobs, kept)
    if "error" in head:
        raise RuntimeError(REFUSED + json.dumps(head["error"]))
    if "failure" in head:
        raise RuntimeError(head["failure"])
    return head, found


def _split(rows, settings, job):
    """The rows of a source, as blobs by part. A worker is asked batch by batch, and answers when it has many."""
    num_parts = job["parts"]
    num_columns = len(rows.columns)

    def split(batches):
        import pyarrow as pa

        schema = pa.schema([(str(at), pa.string()) for at in range(num_columns)])
        # Of a task that failed in the middle, the worker may still have what it was given.
        task = TaskContext.get().taskAttemptId()

        def answers():
            asked = False
            for batch in batches:
                asked = True
                columns = pa.ipc.read_record_batch(pa.py_buffer(batch), schema).columns
                blobs = [blob for column in columns for blob in _text_blobs(column)]
                yield _asked(settings, {"job": job, "task": task}, blobs)
            if asked:
                yield _asked(settings, {"job": job, "task": task, "isLast": True}, [])

        for head, blobs in answers():
            rest = iter(blobs)
            for part in head["parts"]:
                yield part, [next(rest) for _ in range(ITEM_BLOBS if part < num_parts else EVENT_BLOBS)]

    return _arrow_batches(rows).mapPartitions(split)


def _arrow_batches(rows):
    """Its rows as Arrow's bytes, a batch each. (To an RDD of Python, Spark itself would bring every cell as an object.)"""
    context = rows.sparkSession.sparkContext
    return RDD(rows._jdf.toArrowBatchRdd().toJavaRDD(), context, NoOpSerializer())


def _text_blobs(column):
    """(offsets i32 from 0, UTF-8) of a column of text without nulls."""
    _, offsets, data = column.buffers()
    # Both are as long as memory is given out.
    offsets = offsets.slice(0, 4 * (len(column) + 1))
    size = int.from_bytes(offsets[-4:], "little")
    return [offsets, b"" if data is None else data.slice(0, size)]


def _rows(spark, source):
    """Text columns: the lines of a delimited file; else the cells of the columns that are read."""
    form, columns = source["format"], source["columns"]
    if form in ("csv", "tsv"):
        # A text reader keeps bytes that are not UTF-8, which segue then finds.
        return spark.read.option("lineSep", "\n").text(source["path"]).select("value")
    if form == "jsonl":
        names = [name for name in dict.fromkeys(columns) if name is not None]
        schema = ", ".join(f"{_quoted(name)} string" for name in [*names, CORRUPT])
        reader = spark.read.schema(schema).option("columnNameOfCorruptRecord", CORRUPT)
        rows = reader.option("lineSep", "\n").json(source["path"])
        return rows.select(*(_text(rows, name, at) for at, name in enumerate([*columns, CORRUPT])))
    if "table" in source:
        rows, nanos = spark.table(source["table"]), set()
    else:
        rows, nanos = spark.read.parquet(source["path"]), _nanos(spark, source["path"])
    return rows.select(*(_text(rows, name, at, name in nanos) for at, name in enumerate(columns)))


def _text(rows, name, at, is_nanos=False):
    """A cell as segue writes it: '' where it is missing; a whole number that is stored as a fraction without its .0."""
    if name is None:
        return F.lit("").alias(f"c{at}")
    column = F.col(_quoted(name))
    kind = rows.schema[name].dataType
    if is_nanos:
        text = _time(F.timestamp_micros(F.floor(column / F.lit(1000).cast("decimal(4,0)")).cast("long")))
    elif isinstance(kind, (DoubleType, FloatType)):
        # As row-sql.ts has it. NaN is how many programs write that there is no number.
        is_whole = (F.abs(column) < 1e15) & (F.floor(column) == column)
        text = F.when(~F.isnan(column), F.when(is_whole, column.cast("decimal(16,0)").cast("string")).otherwise(column.cast("string")))
    elif isinstance(kind, (TimestampType, TimestampNTZType)):
        text = _time(column.cast("timestamp"))
    else:
        text = column.cast("string")
    return F.coalesce(text, F.lit("")).alias(f"c{at}")


def _time(column):
    """As unix milliseconds, cut off towards the past, where segue reads them as that: to write a date takes Spark many times as long."""
    ms = F.unix_millis(column)
    return F.when(ms.between(*UNIX_MS), ms.cast("string")).otherwise(column.cast("string"))


def _quoted(name):
    return "`" + name.replace("`", "``") + "`"


def _hadoop(spark):
    return spark._jsc.hadoopConfiguration()


def _head_of_first(spark, path):
    status, codec = _first_file(spark, path)
    if status is None:
        return {"name": path, "bytes": 0, "gzip": False}, [b""]
    stream = status.getPath().getFileSystem(_hadoop(spark)).open(status.getPath())
    try:
        unpacked = stream if codec is None else codec.createInputStream(stream)
        limited = spark._jvm.org.apache.commons.io.input.BoundedInputStream(unpacked, HEAD_BYTES)
        head = bytes(spark._jvm.org.apache.commons.io.IOUtils.toByteArray(limited))
    finally:
        stream.close()
    # Of what is packed, no more is known than that there may be more than its head.
    size = status.getLen() if codec is None else max(status.getLen(), len(head) + 1)
    return {"name": status.getPath().toString(), "bytes": size, "gzip": codec is not None}, [head]


def _first_file(spark, path):
    """(status, codec) of the first file of data that is not empty, by name; None where there is none."""
    hadoop = spark._jvm.org.apache.hadoop
    codecs = hadoop.io.compress.CompressionCodecFactory(_hadoop(spark))
    at = hadoop.fs.Path(path)
    _look(spark, at)
    system = at.getFileSystem(_hadoop(spark))
    found = []
    for status in system.globStatus(at) or []:
        if status.isFile():
            found.append(status)
            continue
        inside = system.listFiles(status.getPath(), True)
        while inside.hasNext():
            each = inside.next()
            if not _is_hidden(each.getPath(), status.getPath()):
                found.append(each)
    filled = sorted((status for status in found if status.getLen() > 0), key=lambda each: each.getPath().toString())
    if not found:
        raise Refused("bad-input-file", f"{path} does not exist, or has no files", ["check the path: the driver has to see it"])
    return (filled[0], codecs.getCodec(filled[0].getPath())) if filled else (None, None)


def _table_around(spark, path, first):
    """{kind, folder} of the table that the first file, or any of the paths, is of, as table-folders.ts has it; None for others."""
    of = spark._jvm.org.apache.hadoop.fs.Path
    system = of(path).getFileSystem(_hadoop(spark))
    looked = set()
    for folder in [of(first), *(status.getPath() for status in system.globStatus(of(path)) or [])]:
        while folder is not None and folder.toString() not in looked:
            looked.add(folder.toString())
            for kind, log in (("Delta", "_delta_log"), ("Hudi", ".hoodie"), ("Iceberg", "metadata/*.metadata.json")):
                if system.globStatus(of(folder, log)):
                    return {"kind": kind, "folder": folder.toString()}
            folder = folder.getParent()
    return None


def _look(spark, at):
    """A store that refuses says so at once, before what reads tries it again for minutes, in silence."""
    if at.toUri().getScheme() != "s3a":
        return
    hadoop = spark._jvm.org.apache.hadoop
    once = hadoop.conf.Configuration(_hadoop(spark))
    for key in ("attempts.maximum", "retry.limit", "retry.throttle.limit"):
        once.set(f"fs.s3a.{key}", "1")
    try:
        system = hadoop.fs.FileSystem.newInstance(at.toUri(), once)
        try:
            system.globStatus(at)
        finally:
            system.close()
    except Py4JJavaError as error:
        said = str(error.java_exception.toString())
        if re.search(r"AccessDenied|Status Code: 40[134]|no AWS [Cc]redentials|NoAuthWithAWS", said) is not None:
            why = _first_line(said)
            raise Refused("bad-input-file", f"{at.toString()} cannot be read: {why}", ["check the path, and what `sparkConf` names as user and secret"])


def _is_hidden(path, folder):
    inside = path.toString()[len(folder.toString()) :]
    return any(part.startswith(("_", ".")) for part in inside.split("/") if "=" not in part)


def _nanos(spark, path):
    """Names of the columns of whole numbers that are times in nanoseconds; Spark itself does not know it."""
    status, _ = _first_file(spark, path)
    if status is None:
        return set()
    parquet = spark._jvm.org.apache.parquet
    file = parquet.hadoop.ParquetFileReader.open(
        parquet.hadoop.util.HadoopInputFile.fromStatus(status, _hadoop(spark))
    )
    try:
        schema = file.getFooter().getFileMetaData().getSchema()
        return {
            field.getName()
            for field in schema.getFields()
            if field.isPrimitive() and "TIMESTAMP(NANOS" in str(field.getLogicalTypeAnnotation())
        }
    finally:
        file.close()
