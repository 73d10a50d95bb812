"""
The Python service that bench/serve.ts compares with: FastAPI and uvicorn, hnswlib for similar, implicit for recommend, over
the vectors of the same snapshot. Prints its URL as JSON when it answers. Not for running by hand.

    serve_peer.py ROOT WORK
"""

import json
import os
import socket
import sys

import hnswlib
import implicit
import numpy as np
import scipy.sparse as sp
import uvicorn
from fastapi import FastAPI

root, work = sys.argv[1:3]
snapshot = os.path.realpath(os.path.join(root, "latest"))
vectors = np.load(os.path.join(snapshot, "model", "item.npy"))
users = np.load(os.path.join(snapshot, "users", "users.npy"))
count, dim = vectors.shape
unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-30)

path = os.path.join(work, f"peer-{count}x{dim}.hnsw")
index = hnswlib.Index(space="ip", dim=dim)
if os.path.exists(path):
    index.load_index(path, max_elements=count)
else:
    index.init_index(max_elements=count, M=16, ef_construction=100)
    index.add_items(unit, num_threads=2)
    index.save_index(path)

# The least ef at which the recall of 200 items reaches .95, as segue's index is made for.
rows = np.random.default_rng(5).integers(0, count, 200)
exact = np.argsort(-(unit[rows] @ unit.T), axis=1)[:, :11]
for ef in (10, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512):
    index.set_ef(ef)
    found = index.knn_query(unit[rows], k=11, num_threads=1)[0]
    recall = np.mean([len(set(a) & set(b)) - 1 for a, b in zip(found, exact)]) / 10
    if recall >= 0.95:
        break
print(f"peer: ef {ef}, recall@10 {recall:.4f}", file=sys.stderr)

model = implicit.als.AlternatingLeastSquares(factors=dim)
model.item_factors, model.user_factors = vectors, users
nothing = sp.csr_matrix((1, count), dtype=np.float32)
app = FastAPI()


@app.get("/healthz")
async def healthz():
    return {"status": "ok"}


@app.get("/similar")
async def similar(item: str, k: int = 10):
    row = int(item[5:])
    labels, distances = index.knn_query(unit[row], k=k + 1, num_threads=1)
    pairs = [(label, 1 - float(d)) for label, d in zip(labels[0].tolist(), distances[0]) if label != row][:k]
    return {"neighbours": [{"rank": at + 1, "id": f"item-{i}", "similarity": s} for at, (i, s) in enumerate(pairs)]}


@app.get("/recommend/{user}")
async def recommend(user: str, k: int = 10):
    ids, scores = model.recommend(int(user[5:]), nothing, N=k, filter_already_liked_items=False)
    pairs = zip(ids.tolist(), scores.tolist())
    return {"recommendations": [{"rank": at + 1, "id": f"item-{i}", "score": s} for at, (i, s) in enumerate(pairs)]}


listener = socket.socket()
listener.bind(("127.0.0.1", 0))
print(json.dumps({"url": f"http://127.0.0.1:{listener.getsockname()[1]}"}), flush=True)
uvicorn.Server(uvicorn.Config(app, log_level="error", access_log=False)).run(sockets=[listener])
