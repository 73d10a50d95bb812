"""
The peers of bench/models.py, each trained in a process of its own: their default settings, the spaces that a random search draws
from, and how they are called. Not for running by hand:

    models_peers.py PEER TRAIN.npz HELD.npz SETTINGS OUT.npy K THREADS SEED

trains PEER on the users × items of TRAIN.npz, writes the first K unseen items of every user that HELD.npz has targets of to OUT.npy
(u4 [users][K], 2^32 - 1 where there is none), and prints a line of JSON: CPU seconds of all threads for the training and for the
ranking. Users and items that TRAIN.npz has no pair of are left out. The spaces: irspack's own default_tune_range, cmfrec's
documented range of lambda; all others are wide ones that were chosen here.
"""

import json
import os
import sys
import time

SPACES = {
    "implicit-als": {"factors": ("int-log", 32, 256), "regularization": ("log", 0.003, 30), "alpha": ("log", 1, 100), "iterations": ("int", 8, 30)},
    "implicit-bm25": {"K": ("int-log", 10, 500), "K1": ("log", 0.1, 200), "B": ("uniform", 0, 1)},
    "cmfrec": {"k": ("int-log", 30, 128), "lambda_": ("log", 0.01, 100), "alpha": ("log", 1, 40), "niter": ("int", 6, 20)},
    "lenskit-als": {"embedding_size": ("int-log", 32, 256), "regularization": ("log", 0.003, 30), "weight": ("log", 1, 100), "epochs": ("int", 6, 20)},
    "lenskit-itemknn": {"max_nbrs": ("int-log", 10, 200), "min_sim": ("log", 1e-6, 0.1)},
    "irspack-slim": {"alpha": ("log", 1e-5, 1), "l1_ratio": ("uniform", 0, 1)},
    "irspack-rp3beta": {"top_k": ("int", 2, 1000), "beta": ("log", 1e-5, 0.5), "normalize_weight": ("of", True, False)},
    "irspack-ials": {"n_components": ("int", 4, 300), "alpha0": ("log", 0.003, 1), "reg": ("log", 1e-4, 0.1)},
}

# The libraries' own defaults; but alpha0 of 0 would weigh no unobserved pair: irspack's own configuration has 1.
DEFAULTS = {"irspack-ials": {"alpha0": 1.0}}


def draw(peer, seed, trial):
    """The settings of a trial: those of trial 1 are the defaults, the others depend on the seed and the trial alone."""
    import numpy as np

    rng = np.random.default_rng([seed, trial])
    settings = dict(DEFAULTS.get(peer, {})) if trial == 1 else {}
    for name, (kind, *bounds) in SPACES[peer].items() if trial > 1 else ():
        if kind == "of":
            settings[name] = bounds[rng.integers(len(bounds))]
            continue
        low, high = bounds
        value = low * (high / low) ** rng.random() if "log" in kind else low + (high - low) * rng.random()
        settings[name] = round(value) if "int" in kind else float(f"{value:.4g}")
    return settings


def trained(peer, pairs, settings, threads, seed):
    """A function from the rows of users to their dense scores."""
    if peer == "implicit-als":
        from implicit.cpu.als import AlternatingLeastSquares

        model = AlternatingLeastSquares(**settings, num_threads=threads, random_state=seed)
        model.fit(pairs, show_progress=False)
        return lambda block: model.user_factors[block] @ model.item_factors.T
    if peer == "implicit-bm25":
        from implicit.nearest_neighbours import BM25Recommender

        model = BM25Recommender(**settings, num_threads=threads)
        model.fit(pairs, show_progress=False)
        return lambda block: (pairs[block] @ model.similarity).toarray()
    if peer == "cmfrec":
        from cmfrec import CMF_implicit

        model = CMF_implicit(**settings, nthreads=threads, random_state=seed, verbose=False)
        model.fit(pairs.tocoo())
        return lambda block: model.A_[block] @ model.B_.T
    if peer.startswith("irspack-"):
        import irspack

        call, more = {
            "irspack-slim": (irspack.SLIMRecommender, {}),
            "irspack-rp3beta": (irspack.RP3betaRecommender, {}),
            "irspack-ials": (irspack.IALSRecommender, {"random_seed": seed}),
        }[peer]
        return call(pairs, **more, **settings, n_threads=threads).learn().get_score

    import numpy as np
    import pandas
    from lenskit.als import ImplicitMFScorer
    from lenskit.data import ItemList, RecQuery, from_interactions_df
    from lenskit.knn import ItemKNNScorer
    from lenskit.training import TrainingOptions

    at = pairs.tocoo()
    data = from_interactions_df(pandas.DataFrame({"user_id": at.row, "item_id": at.col}))
    more = {} if peer == "lenskit-als" else {"feedback": "implicit"}
    model = (ImplicitMFScorer if peer == "lenskit-als" else ItemKNNScorer)(**more, **settings)
    model.train(data, TrainingOptions(rng=seed))
    users, items = data.users.ids(), data.items.ids()
    row_of = dict(zip(users.tolist(), range(len(users))))

    def score(block):
        scores = np.full((len(block), pairs.shape[1]), -np.inf, "f4")
        for at, user in enumerate(block.tolist()):
            if peer == "lenskit-als":
                scores[at, items] = model.item_embeddings @ model.user_embeddings[row_of[user]]
            else:
                history = ItemList(item_ids=pairs[user].indices)
                scores[at, items] = model(RecQuery(user_items=history), ItemList(item_ids=items)).scores()
        return scores

    return score


def main(peer, train_path, held_path, settings, out_path, k, threads, seed):
    # Threads of BLAS inside the peers' own threads would get in their way.
    for name in ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "LK_NUM_THREADS", "RAYON_NUM_THREADS"):
        os.environ[name] = "1" if "BLAS" in name or "MKL" in name else threads
    # What a peer prints is none of the answer.
    answer = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    import numpy as np
    import scipy.sparse

    all_pairs = scipy.sparse.load_npz(train_path).tocsr()
    users, present = np.flatnonzero(np.diff(all_pairs.indptr)), np.unique(all_pairs.indices)
    pairs = scipy.sparse.csr_matrix(all_pairs[users][:, present], dtype="f4")
    wanted = np.flatnonzero(np.diff(scipy.sparse.load_npz(held_path).tocsr().indptr)[users])
    begin = time.process_time()
    score = trained(peer, pairs, json.loads(settings), int(threads), int(seed))
    fitted = time.process_time()
    top = np.full((all_pairs.shape[0], int(k)), 2**32 - 1, "u4")
    count = min(int(k), len(present))
    for block in np.array_split(wanted, len(wanted) // 256 + 1):
        negated = -np.asarray(score(block), "f4")
        negated[np.isnan(negated)] = np.inf
        negated[pairs[block].nonzero()] = np.inf
        first = np.sort(np.argpartition(negated, count - 1, axis=1)[:, :count], axis=1)
        best = np.take_along_axis(negated, first, axis=1)
        order = np.argsort(best, axis=1, kind="stable")
        ranked = present[np.take_along_axis(first, order, axis=1)]
        found = np.isfinite(np.take_along_axis(best, order, axis=1))
        top[users[block], :count] = np.where(found, ranked, 2**32 - 1)
    np.save(out_path, top)
    answer.write(json.dumps({"fit": fitted - begin, "rank": time.process_time() - fitted}) + "\n")
    answer.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
