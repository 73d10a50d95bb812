"""Trains implicit's ALS (PyPI, `pip install implicit`) on the files of planted-pairs.ts; bench/train.ts starts it.

Prints what training-runs.ts's Run says as JSON. With --keep FOLDER it writes users.npy (those of FOLDER/sample.npy) and
items.npy there after every epoch, says so, and waits for a line.
"""

import argparse
import json
import os
import resource
import sys
import time

# implicit asks for single-threaded BLAS: its own threads share the rows, and BLAS threads inside each would get in their way.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MKL_NUM_THREADS", "1")

import numpy as np
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
parser.add_argument("--factors", type=int, required=True)
parser.add_argument("--epochs", type=int, required=True)
parser.add_argument("--steps", type=int, required=True)
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--reg", type=float, required=True)
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--keep")
args = parser.parse_args()


def load(name):
    return np.load(os.path.join(args.data, name + ".npy"))


indptr = load("train-indptr").astype(np.int32)
shape = (len(indptr) - 1, int(load("items")[0]))
# Its confidence is the c of Hu et al. 2008, c = 1 + r; segue's weight is c - 1.
confidence = load("train-count")
confidence += 1
pairs = scipy.sparse.csr_matrix((confidence, load("train-item").view(np.int32), indptr), shape=shape)
del confidence, indptr

model = AlternatingLeastSquares(
    factors=args.factors,
    regularization=args.reg,
    iterations=args.epochs,
    num_threads=args.threads,
    random_state=args.seed,
)
model.cg_steps = args.steps
seconds = []
cpu_after = []


def after_epoch(iteration, elapsed, _loss):
    seconds.append(elapsed)
    used = resource.getrusage(resource.RUSAGE_SELF)
    cpu_after.append(used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime)
    if args.keep:
        sample = np.load(os.path.join(args.keep, "sample.npy"))
        np.save(os.path.join(args.keep, "users.npy"), model.user_factors[sample])
        np.save(os.path.join(args.keep, "items.npy"), model.item_factors)
        print(json.dumps({"epoch": iteration + 1}), flush=True)
        sys.stdin.readline()


before = resource.getrusage(resource.RUSAGE_SELF)
started = time.time()
model.fit(pairs, show_progress=False, callback=after_epoch)
total = time.time() - started
print(
    json.dumps(
        {
            "startSeconds": total - sum(seconds),
            "epochSeconds": seconds,
            "cpuAfter": cpu_after,
            "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        }
    )
)
