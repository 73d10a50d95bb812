"""Events that Spark reads → the pairs of users and items that they add up to.

Spark reads, groups and sorts; what a row holds is decided by segue's own worker on the executors, so that both engines
count the same. A source is a dict: `path` (anything that Spark's file systems read, globs too) or `table`; once it was
looked at also `format`, `layout` (for the worker) and `columns` (names, or null for a cell that no column has).
"""

import contextlib
import json
import re

from pyspark import StorageLevel
from pyspark.sql import SparkSession, functions as F
from pyspark.sql.types import DoubleType, FloatType, TimestampNTZType, TimestampType
from pyspark.sql.utils import AnalysisException

import segue_executor
from segue_frames import Refused

HEAD_BYTES = 1 << 20
NO_TIME = float(-(2**63))
CORRUPT = "segue_corrupt_record"
FATAL = '"isFatal": true}'
# Bad rows that are shown.
EXAMPLES = 5
EVENT = "u string, i string, w long, t double, y tinyint, problem string"
SHUFFLE_PARTITIONS = "spark.sql.shuffle.partitions"
# Of input, for each partition of a shuffle: Parquet takes ten times as much in the memory of a task.
PARTITION_BYTES = 16 << 20
MOST_PARTITIONS = 10_000
# Rows of an Arrow batch: what a worker parses at once, and what is sent to the driver at once.
BATCH_ROWS = 65_536


# What a worker refused, through all that Spark wraps around an exception.
REFUSED = "segue refused: "


# Of the application, whatever its own configuration says.
CONF = {
    # Sums that do not wrap, times in UTC, text as it is.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.parquet.binaryAsString": "true",
    # Else Spark refuses what pandas writes.
    "spark.sql.legacy.parquet.nanosAsLong": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH_ROWS),
}


class Events:
    """What the segue process asks of events: it plans by what `first_file` and `columns` say, and has them added up by `count`."""

    def __init__(self, context, settings):
        self._spark = SparkSession(context)
        self._settings = settings
        _require_arrow()

    def use_here(self):
        """To be called by every thread: without a session of its own it would have Spark's defaults, by which sums wrap."""
        session = self._spark._jsparkSession
        self._spark._jvm.SparkSession.setActiveSession(session)

    def first_file(self, path):
        """({name, bytes, gzip}, [head]) of the first file that is not empty, unpacked."""
        with _refusals():
            return _head_of_first(self._spark, path)

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

    def count(self, sources, kept):
        """Yields (head, blobs): what was read; then ids and pairs, in runs.

        `kept` is the SQL of the events that count, over w, t and y, or null. The first head has rows and skipped (by source),
        bad (examples), users, items, pairs, events, firstAt, lastAt; the others have a `kind`: 'users' and 'items' (blobs:
        offsets i32, UTF-8), 'pairs' (blobs: user u32, item u32, count u32, weight i64, last time f64, flags u8).
        """
        with _refusals():
            yield from _count(self._spark, self._settings, sources, kept)


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
        if "ARITHMETIC_OVERFLOW" in text:
            raise Refused(
                "too-large",
                "the weights of one user and item add up to more than 9223372036.854775807",
                ["Give the weights in a larger unit, such as hours for milliseconds."],
            ) from None
        raise


def _first_line(error):
    return str(error).strip().split("\n")[0]


def _require_arrow():
    instead = "install them for the Python of the driver and of the executors: pip install pyarrow 'pandas<3'"
    try:
        from pyspark.sql.pandas.utils import require_minimum_pandas_version, require_minimum_pyarrow_version

        require_minimum_pandas_version()
        require_minimum_pyarrow_version()
    except ImportError as error:
        raise Refused("engine-missing", f"reading events by Spark takes pyarrow and pandas: {_first_line(error)}", [instead]) from None


def _count(spark, settings, sources, kept):
    tables = [_rows(spark, source) for source in sources]
    _size_shuffles(spark, tables)
    events = None
    for at, (source, rows) in enumerate(zip(sources, tables)):
        parsed = _parsed(rows, settings, source).withColumn("s", F.lit(at))
        events = parsed if events is None else events.unionByName(parsed)
    if kept is not None:
        events = events.where(f"problem IS NOT NULL OR ({kept})")
    pairs = events.groupBy("u", "i", "problem").agg(
        F.count("*").alias("n"),
        F.sum("w").alias("w"),
        F.max("t").alias("t"),
        F.min(F.when(F.col("t") > NO_TIME, F.col("t"))).alias("first"),
        F.max(F.when(F.col("y") == 1, F.col("t"))).alias("liked"),
        F.max(F.when(F.col("y") == 2, F.col("t"))).alias("disliked"),
        F.max(F.col("y") == 3).alias("banned"),
        *(F.count(F.when(F.col("s") == at, True)).alias(f"n{at}") for at in range(len(sources))),
    )
    pairs = pairs.persist(StorageLevel.DISK_ONLY)
    try:
        yield from _numbered(pairs, len(sources))
    finally:
        pairs.unpersist()


def _size_shuffles(spark, tables):
    """As many partitions as the input wants, where nobody has said how many: each is a job of its own when it is sent."""
    if spark.sparkContext.getConf().contains(SHUFFLE_PARTITIONS):
        return
    size = sum(int(str(rows._jdf.queryExecution().optimizedPlan().stats().sizeInBytes())) for rows in tables)
    wanted = max(spark.sparkContext.defaultParallelism, -(-size // PARTITION_BYTES))
    spark.conf.set(SHUFFLE_PARTITIONS, str(min(wanted, MOST_PARTITIONS)))


def _numbered(pairs, num_sources):
    is_good = F.col("problem").isNull()
    by_source = [f"n{at}" for at in range(num_sources)]
    totals = pairs.agg(
        *(F.sum(F.when(is_good, F.col(name))).alias(name) for name in by_source),
        *(F.sum(F.when(~is_good, F.col(name))).alias(f"bad_{name}") for name in by_source),
        F.sum(F.when(is_good, F.col("n"))).alias("events"),
        F.count(F.when(is_good, True)).alias("pairs"),
        F.min("first").alias("first"),
        F.max(F.when(F.col("t") > NO_TIME, F.col("t"))).alias("last"),
    ).first()
    bad = [] if not any(totals[f"bad_{name}"] for name in by_source) else _examples(pairs.where(~is_good), by_source)
    good = pairs.where(is_good)
    placed_users, users, num_users = _rows_of(good, "u")
    placed_items, items, num_items = _rows_of(good, "i")
    try:
        yield {
            "rows": [totals[name] or 0 for name in by_source],
            "skipped": [totals[f"bad_{name}"] or 0 for name in by_source],
            "bad": bad,
            "events": totals["events"] or 0,
            "pairs": totals["pairs"],
            "users": num_users,
            "items": num_items,
            "firstAt": totals["first"],
            "lastAt": totals["last"],
        }, []
        yield from _runs("users", placed_users.select("id"), _frame_of_ids)
        yield from _runs("items", placed_items.select("id"), _frame_of_ids)
        numbered = (
            good.join(users.withColumnRenamed("id", "u").withColumnRenamed("r", "ur"), "u")
            .join(items.withColumnRenamed("id", "i").withColumnRenamed("r", "ir"), "i")
            .select(
                F.col("ur").cast("int"),
                F.col("ir").cast("int"),
                F.col("n").cast("int"),
                "w",
                "t",
                # The latest like or dislike decides; of equal times the dislike; without either, it is preferred.
                F.expr(
                    "CAST(IF(disliked IS NULL OR (liked IS NOT NULL AND disliked < liked), 1, 0)"
                    " + IF(banned, 2, 0) AS TINYINT) AS f"
                ),
            )
            .orderBy("ur", "ir")
        )
        yield from _runs("pairs", numbered, _frame_of_columns)
    finally:
        placed_users.unpersist()
        placed_items.unpersist()


def _examples(bad, by_source):
    """The first few problems: fatal ones before others, then by source. A problem is the JSON of a bad row of the worker."""
    order = [~F.col("problem").endswith(FATAL), *(F.col(name) == 0 for name in by_source), F.col("problem")]
    rows = bad.orderBy(*order).select("problem", "n").limit(EXAMPLES).collect()
    return [{**json.loads(row["problem"]), "rows": row["n"]} for row in rows]


def _rows_of(good, side):
    """Ids by (events descending, bytes ascending), one partition after the other; (id, r); and how many there are.

    They are numbered without taking all into one partition.
    """
    ids = good.groupBy(F.col(side).alias("id")).agg(F.sum("n").alias("n")).orderBy(F.col("n").desc(), F.col("id"))
    placed = ids.select("id", F.monotonically_increasing_id().alias("at")).persist(StorageLevel.DISK_ONLY)
    # The number holds the partition above its 33 low bits, and the place in it.
    counts = placed.groupBy(F.shiftright("at", 33).alias("p")).count().collect()
    before = {}
    total = 0
    for p, count in sorted((row["p"], row["count"]) for row in counts):
        before[p] = total
        total += count
    starts = F.create_map(*(F.lit(x) for pair in before.items() for x in pair)) if before else F.create_map()
    place = F.col("at").bitwiseAND(F.lit((1 << 33) - 1))
    return placed, placed.select("id", (F.element_at(starts, F.shiftright("at", 33)) + place).alias("r")), total


def _runs(kind, rows, frame):
    """The rows of each partition in their order, as frames that the executors make."""
    names = rows.schema.names

    def framed(batches):
        import pyarrow as pa

        for batch in batches:
            sizes, blobs = frame(batch)
            if sizes is not None:
                yield pa.RecordBatch.from_arrays(
                    [pa.array([json.dumps(sizes)]), pa.array([b"".join(blobs)], pa.large_binary())],
                    names=["sizes", "bytes"],
                )

    for row in rows.select(*names).mapInArrow(framed, "sizes string, bytes binary").toLocalIterator(True):
        blobs = []
        at = 0
        for size in json.loads(row["sizes"]):
            blobs.append(bytes(row["bytes"][at : at + size]))
            at += size
        yield {"kind": kind}, blobs


def _frame_of_ids(batch):
    if batch.num_rows == 0:
        return None, None
    blobs = _text_blobs(batch.column(0))
    return [len(blob) for blob in blobs], blobs


def _frame_of_columns(batch):
    if batch.num_rows == 0:
        return None, None
    blobs = [batch.column(at).to_numpy(zero_copy_only=False).tobytes() for at in range(batch.num_columns)]
    return [len(blob) for blob in blobs], blobs


def _text_blobs(column):
    """(offsets i32 from 0, UTF-8) of a column of text without nulls."""
    import numpy as np
    import pyarrow as pa

    column = column.cast(pa.string())
    _, offsets, data = column.buffers()
    offsets = np.frombuffer(offsets, np.int32, len(column) + 1, column.offset * 4)
    start, end = int(offsets[0]), int(offsets[-1])
    data = b"" if data is None else data[start:end].to_pybytes()
    return [(offsets - start).astype("<i4").tobytes(), data]


def _parsed(rows, settings, source):
    """The rows of a source as EVENT: events, or what is wrong with them."""
    layout = source["layout"]
    names = ["u", "i", "w", "t", "y", "problem"]

    def parse(batches):
        import numpy as np
        import pyarrow as pa

        for batch in batches:
            if batch.num_rows == 0:
                continue
            blobs = [blob for at in range(batch.num_columns) for blob in _text_blobs(batch.column(at))]
            head, found = segue_executor.call(settings, {"job": {"job": "read-events", "layout": layout}}, blobs)
            if "error" in head:
                raise RuntimeError(REFUSED + json.dumps(head["error"]))
            if "failure" in head:
                raise RuntimeError(head["failure"])
            bad = head["bad"]
            u_at, u, i_at, i, w, t, y = found
            n = len(y)

            def text(offsets, data):
                return pa.StringArray.from_buffers(n, pa.py_buffer(offsets), pa.py_buffer(data))

            def numbers(blob, dtype):
                return pa.array(np.frombuffer(blob, dtype))

            yield pa.RecordBatch.from_arrays(
                [
                    text(u_at, u),
                    text(i_at, i),
                    numbers(w, "<i8"),
                    numbers(t, "<f8"),
                    numbers(y, "i1"),
                    pa.nulls(n, pa.string()),
                ],
                names=names,
            )
            if bad:
                kinds = (pa.string(), pa.string(), pa.int64(), pa.float64(), pa.int8())
                problems = pa.array([json.dumps(row) for row in bad], pa.string())
                yield pa.RecordBatch.from_arrays([*(pa.nulls(len(bad), kind) for kind in kinds), problems], names=names)

    return rows.mapInArrow(parse, EVENT)


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
        text = F.timestamp_micros(F.floor(column / F.lit(1000).cast("decimal(4,0)")).cast("long")).cast("string")
    elif isinstance(kind, (DoubleType, FloatType)):
        # As row-sql.ts has it. NaN is how many programs write that there is no number.
        is_whole = (F.abs(column) < 1e15) & (F.floor(column) == column)
        text = F.when(~F.isnan(column), F.when(is_whole, column.cast("decimal(16,0)").cast("string")).otherwise(column.cast("string")))
    elif isinstance(kind, (TimestampType, TimestampNTZType)):
        text = column.cast("timestamp").cast("string")
    else:
        text = column.cast("string")
    return F.coalesce(text, F.lit("")).alias(f"c{at}")


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
