"""
One peer of bench/neighbours.ts in a process of its own: builds its index over vectors.npy on two threads, or finds it in
--work from an earlier run, then answers the queries one at a time on one thread, at several settings. Prints a line of
JSON a setting. Not for running by hand.

    neighbours_peers.py PEER VECTORS QUERIES WORK     PEER: hnswlib, annoy-50, annoy-100, voyager, faiss-hnsw, faiss-ivf

QUERIES is JSON of `rows` and `tenth`: which vectors to look for, and how near the tenth nearest other one is. A hit is a
similarity of at least that less 1e-6. Seconds are of the processor, of all threads together.
"""

import json
import os
import sys
import time

import numpy as np

peer, vectors_path, queries_path, work = sys.argv[1:5]
vectors = np.load(vectors_path)
vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-30)
with open(queries_path) as file:
    given = json.load(file)
rows, tenth = np.array(given["rows"], "u4"), np.array(given["tenth"], "f4")
queries = np.ascontiguousarray(vectors[rows])
count, dim = vectors.shape
asked = 11
path = os.path.join(work, f"{peer}-{os.path.basename(vectors_path)}-{count}x{dim}.index")
note = path + ".json"


def built(build, save, load):
    """The index and the seconds it took to build, now or in an earlier run."""
    if os.path.exists(note):
        with open(note) as file:
            return load(), json.load(file)["seconds"]
    begin = time.process_time()
    index = build()
    seconds = time.process_time() - begin
    save(index)
    with open(note, "w") as file:
        json.dump({"seconds": seconds}, file)
    return index, seconds


def recall(found):
    """Of [q][≤ 11] row numbers, the row itself among them or not."""
    hits = 0
    for q, ids in enumerate(found):
        others = [i for i in ids if i != rows[q] and i >= 0][: asked - 1]
        hits += int((vectors[others] @ queries[q] >= tenth[q] - 1e-6).sum())
    return hits / (10 * len(rows))


def say(setting, search, seconds):
    """`search` answers all queries, one after another, and returns what it found."""
    search()
    best, found = None, None
    for _ in range(3):
        begin = time.process_time()
        found = search()
        took = time.process_time() - begin
        best = took if best is None else min(best, took)
    line = {
        "peer": peer,
        "setting": setting,
        "recall": recall(found),
        "queriesPerSecond": len(rows) / best,
        "buildSeconds": seconds,
        "bytes": os.path.getsize(path),
        "vectorBytes": 4 * count * dim,
    }
    print(json.dumps(line), flush=True)


if peer == "hnswlib":
    import hnswlib

    def build():
        index = hnswlib.Index(space="ip", dim=dim)
        index.init_index(max_elements=count, M=16, ef_construction=200, random_seed=42)
        index.set_num_threads(2)
        index.add_items(vectors)
        return index

    def load():
        index = hnswlib.Index(space="ip", dim=dim)
        index.load_index(path)
        return index

    index, seconds = built(build, lambda index: index.save_index(path), load)
    for ef in (11, 14, 18, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512):
        index.set_ef(ef)
        # A loop over the queries in C++: nothing is shared between them, and no call of Python stands between two.
        say(f"ef {ef}", lambda: index.knn_query(queries, k=asked, num_threads=1)[0], seconds)
elif peer == "voyager":
    import voyager

    def build():
        index = voyager.Index(voyager.Space.InnerProduct, num_dimensions=dim, M=16, ef_construction=200, random_seed=42, max_elements=count)
        index.add_items(vectors, num_threads=2)
        return index

    index, seconds = built(build, lambda index: index.save(path), lambda: voyager.Index.load(path))
    for ef in (11, 14, 18, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512):
        say(f"ef {ef}", lambda: index.query(queries, k=asked, num_threads=1, query_ef=ef)[0], seconds)
elif peer.startswith("annoy-"):
    from annoy import AnnoyIndex

    def build():
        index = AnnoyIndex(dim, "angular")
        index.set_seed(42)
        for row in range(count):
            index.add_item(row, vectors[row])
        index.build(int(peer.split("-")[1]), n_jobs=2)
        return index

    def load():
        index = AnnoyIndex(dim, "angular")
        index.load(path)
        return index

    index, seconds = built(build, lambda index: index.save(path), load)
    lists = [query.tolist() for query in queries]
    for search_k in (500, 1000, 2000, 4000, 8000, 16000, 32000, 64000, 128000):
        say(f"search_k {search_k}", lambda: [index.get_nns_by_vector(v, asked, search_k) for v in lists], seconds)
else:
    import faiss

    def build():
        faiss.omp_set_num_threads(2)
        if peer == "faiss-hnsw":
            index = faiss.IndexHNSWFlat(dim, 16, faiss.METRIC_INNER_PRODUCT)
            index.hnsw.efConstruction = 200
        else:
            lists = max(1, round(2 * count**0.5))
            index = faiss.index_factory(dim, f"IVF{lists},Flat", faiss.METRIC_INNER_PRODUCT)
            index.train(vectors)
        index.add(vectors)
        return index

    index, seconds = built(build, lambda index: faiss.write_index(index, path), lambda: faiss.read_index(path))
    faiss.omp_set_num_threads(1)
    each = [queries[q : q + 1] for q in range(len(rows))]
    if peer == "faiss-hnsw":
        for ef in (11, 14, 18, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512):
            index.hnsw.efSearch = ef
            say(f"ef {ef}", lambda: [index.search(v, asked)[1][0] for v in each], seconds)
    else:
        for probes in (1, 2, 4, 8, 16, 32, 64, 128, 256):
            index.nprobe = probes
            say(f"probes {probes}", lambda: [index.search(v, asked)[1][0] for v in each], seconds)
