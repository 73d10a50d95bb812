"""Recommends with implicit (PyPI, `pip install implicit`) from the factors of recommend-factors.ts; bench/recommend.ts starts it.

Prints {"seconds": […], "blas": …} as JSON, and writes ids and scores of the last round to --out.
"""

import argparse
import json
import os
import time

# What a machine presets for OpenBLAS would slow it down or speed it up: it is to choose for itself.
for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"):
    os.environ.pop(name, None)
# implicit asks for single-threaded BLAS: its own threads share the users.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np
import scipy.sparse
from implicit.cpu.als import AlternatingLeastSquares

parser = argparse.ArgumentParser()
parser.add_argument("--data", required=True)
parser.add_argument("--k", type=int, required=True)
parser.add_argument("--threads", type=int, required=True)
parser.add_argument("--rounds", type=int, required=True)
parser.add_argument("--out", required=True)
args = parser.parse_args()


def load(name):
    return np.load(os.path.join(args.data, name + ".npy"))


users, items = load("users"), load("item-factors")
indptr = load("train-indptr").astype(np.int32)
idx = load("train-item").view(np.int32)
seen = scipy.sparse.csr_matrix((np.ones(len(idx), np.float32), idx, indptr), shape=(len(users), len(items)))

model = AlternatingLeastSquares(factors=users.shape[1], num_threads=args.threads)
model.user_factors, model.item_factors = users, items
everyone = np.arange(len(users))
seconds = []
for _ in range(args.rounds):
    started = time.perf_counter()
    ids, scores = model.recommend(everyone, seen, N=args.k, filter_already_liked_items=True)
    seconds.append(time.perf_counter() - started)
np.save(os.path.join(args.out, "implicit-ids.npy"), ids.astype(np.uint32))
np.save(os.path.join(args.out, "implicit-scores.npy"), scores.astype(np.float32))

try:
    from threadpoolctl import threadpool_info

    blas = ", ".join(f"{lib['internal_api']} {lib.get('version')} {lib.get('architecture')}" for lib in threadpool_info())
except ImportError:
    blas = "unknown: threadpoolctl is not installed"
print(json.dumps({"seconds": seconds, "blas": blas}))
