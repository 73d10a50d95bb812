"""Seconds of an iteration of MLlib's ALS (implicitPrefs) on the events of bench/spark.ts, which starts it.

Prints {"pairs", "secondsPerIteration"}: three iterations less one, so that neither the start nor the first pass over the
pairs, which makes its blocks, is in it.
"""

import argparse
import json
import time

from pyspark.ml.recommendation import ALS
from pyspark.sql import SparkSession, functions as F

parser = argparse.ArgumentParser()
parser.add_argument("--events", required=True)
parser.add_argument("--factors", type=int, required=True)
parser.add_argument("--master", required=True)
parser.add_argument("--conf", action="append", default=[])
args = parser.parse_args()

builder = SparkSession.builder.master(args.master).config("spark.ui.showConsoleProgress", "false")
for conf in args.conf:
    builder = builder.config(*conf.split("=", 1))
spark = builder.getOrCreate()
spark.sparkContext.setLogLevel("ERROR")

# Ids are a letter and a number.
user, item = (F.expr(f"CAST(substring({name}, 2) AS INT)").alias(name) for name in ("user", "item"))
pairs = spark.read.parquet(args.events).groupBy(user, item).agg(F.log1p(F.sum("weight")).cast("float").alias("weight")).persist()
count = pairs.count()


def seconds(iterations):
    als = ALS(
        rank=args.factors,
        maxIter=iterations,
        implicitPrefs=True,
        userCol="user",
        itemCol="item",
        ratingCol="weight",
        seed=1,
    )
    started = time.time()
    als.fit(pairs)
    return time.time() - started


# The JVM compiles what it runs.
seconds(1)
one = seconds(1)
three = seconds(3)
print(json.dumps({"pairs": count, "secondsPerIteration": (three - one) / 2}))
spark.stop()
