"""
segue's models beside implicit, cmfrec, LensKit and irspack on one split, with equally many trials each: files in, a table out.

    python3 -m venv venv
    venv/bin/pip install implicit==0.7.3 cmfrec==3.5.1.post14 lenskit==2025.8.1 irspack==0.5.2 numpy==2.4.6 scipy==1.17.1
    venv/bin/python bench/models.py train.txt test.txt [--valid valid.txt] [--trials 8]
    venv/bin/python bench/models.py events.csv [--sample-users 15000] [--trials 8]

Files: a user and then their items on each line (as LightGCN and its successors have them), or a table whose first two columns
are user and item, with a header or without; also in .gz. A file of events alone is split by the seed: a fifth of each user's
items is the test part. Without --valid a tenth of each user's training items, by the seed, is the validation part.

  --trials N      settings of each model, the first of them its defaults: segue's by `segue tune`, the peers' at random from the
                  spaces in bench/models_peers.py. The one with the best NDCG@10 on the validation part, which is not trained on,
                  is trained on the whole training part and measured on the test part, once. 1 (usual): the defaults, no search
  --models LIST   of segue's: popularity,als,ease,slim,…; auto is `segue train` without a model, which chooses for itself (no trials)
  --peers LIST    implicit-als,implicit-bm25,cmfrec,lenskit-als,lenskit-itemknn,irspack-slim,irspack-rp3beta,irspack-ials
  --limit N       CPU seconds after which a trial of a peer is stopped; of segue's nothing is stopped
  --work DIR      keeps the parts, rankings and rows: a second run measures only what is not there yet
  --segue PATH    bin/run.js of another version
  --json FILE     the rows, with settings, commands, recall and NDCG at 10 and 20

All rankings, 20 unseen items for each user, are written to files and measured here, users and targets that training never saw
included as misses. That figures are those of `segue evaluate` to four digits is checked by popularity and by segue's als.
± is half the 95 % bootstrap interval over users; "over" is the difference to the peer that is best on the test part, user by
user. CPU seconds are of all threads: segue's of whole processes with reading and writing, the peers' of training alone (fit) or
of training and ranking (search).
"""

import argparse
import csv
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile

import numpy as np
import scipy.sparse
from models_peers import SPACES, draw

here = os.path.dirname(os.path.abspath(__file__))
K, NONE, RESAMPLES = 20, 2**32 - 1, 1000
OURS = "popularity,als,ease,slim,spectral,als+ease,als+slim,spectral+slim,auto"


def read(path):
    """The pairs of a file: two lists, of users and items."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8", newline="") as file:
        lines = file.read().splitlines()
    delimiter = next((mark for mark in ("\t", ",", ";", "|") if mark in lines[0]), None)
    if delimiter is None:
        rows = [(user, item) for user, *items in map(str.split, filter(str.strip, lines)) for item in items]
    else:
        rows = [row[:2] for row in csv.reader(lines, delimiter=delimiter) if len(row) > 1]
        titled = any(word in name.lower() for name in rows[0] for word in ("user", "item", "listener", "track", "artist", "playlist"))
        rows = rows[titled or (rows[1][0].isdigit() and not rows[0][0].isdigit()) :]
    return [row[0] for row in rows], [row[1] for row in rows]


class Data:
    """The parts as users × items matrices of one shape, rows and columns in the order in which the files name them."""

    def __init__(self, paths, args):
        self.users, self.items, self.seed = {}, {}, args.seed
        numbered = [(self.number(users, self.users), self.number(items, self.items)) for users, items in map(read, paths)]
        parts = [self.matrix(users, items) for users, items in numbered]
        if args.sample_users is not None and args.sample_users < len(self.users):
            kept = np.sort(np.random.default_rng([args.seed, 2]).permutation(len(self.users))[: args.sample_users])
            parts, names = [part[kept] for part in parts], list(self.users)
            self.users = {names[before]: row for row, before in enumerate(kept)}
        self.train, self.test = parts[:2] if len(parts) > 1 else self.split(parts[0], 0.2, 0)
        self.part, self.valid = (self.train, parts[2]) if len(parts) > 2 else self.split(self.train, 0.1, 1)

    def number(self, names, numbers):
        return [numbers.setdefault(name, len(numbers)) for name in names]

    def matrix(self, users, items):
        matrix = scipy.sparse.csr_matrix((np.ones(len(users), "f4"), (users, items)), (len(self.users), len(self.items)))
        matrix.data[:] = 1
        matrix.sort_indices()
        return matrix

    def split(self, matrix, share, stream):
        """All but round(share · n) of each user's n items, and those: both as matrices."""
        random = np.random.default_rng([self.seed, stream])
        held = np.zeros(matrix.nnz, bool)
        for begin, end in zip(matrix.indptr, matrix.indptr[1:]):
            held[begin + random.permutation(end - begin)[: int(share * (end - begin) + 0.5)]] = True
        rows, columns = matrix.nonzero()
        return [self.matrix(rows[which], columns[which]) for which in (~held, held)]

    def write(self, folder):
        """Every part as NAME.npz and NAME.txt. An id with a space cannot stand on these lines: then numbers stand for all."""
        for numbers in (self.users, self.items):
            if any(len(name.split()) != 1 for name in numbers):
                count = len(numbers)
                numbers.clear()
                numbers.update((str(number), number) for number in range(count))
        users, items = list(self.users), list(self.items)
        for name in ("train", "part", "valid", "test"):
            matrix = getattr(self, name)
            scipy.sparse.save_npz(os.path.join(folder, f"{name}.npz"), matrix)
            with open(os.path.join(folder, f"{name}.txt"), "w", encoding="utf-8") as file:
                for user, begin, end in zip(users, matrix.indptr, matrix.indptr[1:]):
                    if end > begin:
                        file.write(" ".join([user, *(items[item] for item in matrix.indices[begin:end])]) + "\n")


def figures(top, held):
    """Recall and NDCG at 10 and 20 of the users of `held`, one row a user with targets: docs/reference/evaluation.md."""
    users = np.flatnonzero(np.diff(held.indptr))
    targets = np.diff(held.indptr)[users]
    ranked = top[users].astype(np.int64)
    rows, columns = held.nonzero()
    keys = np.where(ranked == NONE, -1, ranked + users[:, None] * held.shape[1])
    hits = np.isin(keys, rows * held.shape[1] + columns)
    gains = 1 / np.log2(np.arange(2, K + 2))
    measured = {}
    for k in (10, K):
        measured[f"recall@{k}"] = hits[:, :k].sum(1) / targets
        measured[f"ndcg@{k}"] = (hits[:, :k] * gains[:k]).sum(1) / gains.cumsum()[np.minimum(targets, k) - 1]
    return measured


def interval(values, seed):
    """The middle 95 % of the means of resamples of the users."""
    random = np.random.default_rng(seed)
    means = [values[random.integers(len(values), size=len(values))].mean() for _ in range(RESAMPLES)]
    return np.quantile(means, [0.025, 0.975]).tolist()


def run(command, limit=None):
    """The JSON that a command prints, and the CPU seconds that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    bound = None if limit is None else lambda: resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=bound)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if done.returncode == 0:
        return json.loads(done.stdout or "{}"), seconds
    if limit is not None and seconds >= limit:
        raise RuntimeError(f"stopped after {limit} CPU s")
    said = (done.stdout + done.stderr).strip().splitlines() or [f"ended with {done.returncode}"]
    if said[0].startswith('{"error"'):
        raise RuntimeError(json.loads(said[0])["error"]["message"])
    raise RuntimeError(next((line for line in reversed(said) if "Error" in line), said[-1])[:400])


class Bench:
    def __init__(self, args, folder):
        self.args, self.folder = args, folder
        self.data = Data([path for path in (*args.files, args.valid) if path is not None], args)
        self.data.write(folder)
        self.common = ["--format", "lightgcn", "--threads", str(args.threads), "--seed", str(args.seed)]

    def path(self, name):
        return os.path.join(self.folder, name)

    def segue(self, *words):
        return run(["node", self.args.segue, *words, "--root", self.path("root"), "--json", "--quiet"])

    def ours(self, name, trials):
        chosen, row = [] if name == "auto" else ["--model", name], {"trials": trials}
        if trials > 1:
            held = ["--valid", self.path("valid.txt"), "--metric", "ndcg@10", "--trials", str(trials)]
            found, row["searchSeconds"] = self.segue("tune", self.path("part.txt"), *chosen, *held, *self.common)
            row["valid"] = found["best"]["best"]["score"]
            words, skipped = iter(found["train"][2:]), ("--root", "--format", "--threads", "--seed")
            typed = [word for word in words if word not in skipped or next(words) is None]
            chosen = [word for word in typed if word != self.path("part.txt")]
        train = ["train", self.path("train.txt"), *chosen, *self.common]
        trained, row["fitSeconds"] = self.segue(*train)
        if name == "auto":
            row["chosen"] = trained["model"]
        out = self.path(f"{name}.ndjson")
        ranking = ["--snapshot", trained["snapshot"], "--out", out, "--force", "--threads", str(self.args.threads)]
        self.segue("recommend", "--all", "-k", str(K), *ranking)
        top = np.full((len(self.data.users), K), NONE, "u4")
        with open(out, encoding="utf-8") as file:
            for answer in map(json.loads, file):
                ranked = [self.data.items[item["id"]] for item in answer["recommendations"]]
                top[self.data.users[answer["user"]], : len(ranked)] = ranked
        os.remove(out)
        return top, {**row, "command": "segue " + " ".join(train)}

    def peer(self, name, trials):
        out, settings, row = self.path(f"trial-{name}.npy"), {}, {"trials": trials}

        def measure(part, settings):
            words = [name, self.path(part), json.dumps(settings), out, str(K), str(self.args.threads), str(self.args.seed)]
            seconds, _ = run([sys.executable, os.path.join(here, "models_peers.py"), *words], self.args.limit)
            return np.load(out), seconds

        if trials > 1:
            row.update(valid=-1.0, searchSeconds=0.0, failed=[])
            for trial in range(1, trials + 1):
                drawn = draw(name, self.args.seed, trial)
                try:
                    top, seconds = measure("part.npz", drawn)
                except RuntimeError as error:
                    row["failed"].append({"settings": drawn, "error": str(error)})
                    continue
                row["searchSeconds"] += seconds["fit"] + seconds["rank"]
                score = figures(top, self.data.valid)["ndcg@10"].mean()
                if score > row["valid"]:
                    row["valid"], settings = score, drawn
            if row["valid"] < 0:
                raise RuntimeError(f"no trial ended: {row['failed'][0]['error']}")
        top, seconds = measure("train.npz", settings)
        os.remove(out)
        return top, {**row, "fitSeconds": seconds["fit"], "command": f"{name} {json.dumps(settings)}"}

    def row(self, name):
        """What was measured of a model, now or in an earlier run, and its figures user by user."""
        trials = 1 if name in ("auto", "popularity") else self.args.trials
        note, kept = (self.path(f"{name}-{trials}.{ending}") for ending in ("json", "npy"))
        if os.path.exists(note):
            with open(note, encoding="utf-8") as file:
                row, top = json.load(file), np.load(kept)
        else:
            top, row = (self.peer if name in SPACES else self.ours)(name, trials)
            np.save(kept, top)
            with open(note, "w", encoding="utf-8") as file:
                json.dump(row, file)
        users = figures(top, self.data.test)
        means = {metric: {"mean": values.mean(), "interval": interval(values, self.args.seed)} for metric, values in users.items()}
        return {"model": name, **row, "test": means}, users

    def check(self, rows):
        """Figures are those of segue's own evaluation, to four digits."""
        parts = [self.path("train.txt"), "--test", self.path("test.txt"), "--at", "10,20", "--bootstrap", "0"]
        models = [word for row in rows for word in ("--model", row["model"])]
        measured = self.segue("evaluate", *parts, *models, *self.common)[0] if rows else {}
        for row in rows:
            result = next(result for result in measured["results"] if result["model"] == row["model"])
            for metric, value in row["test"].items():
                if abs(value["mean"] - result["metrics"][metric]) > 5e-5:
                    sys.exit(f"{row['model']}: {metric} is {value['mean']:.6f} here, {result['metrics'][metric]:.6f} by segue evaluate")
            print(f"{row['model']}: figures are those of segue evaluate, to four digits", flush=True)


def line(cells):
    widths = (16, 6, 6, 13, 13, 8, 8, 17)
    print("  ".join(f"{cell:<{width}}" if at == 0 else f"{cell:>{width}}" for at, (cell, width) in enumerate(zip(cells, widths))), flush=True)


def number(value, sign=""):
    return f"{value:{sign}.4f}".replace("0.", ".", 1)


def with_half(mean, bounds, sign=""):
    return f"{number(mean, sign)} ±{number((bounds[1] - bounds[0]) / 2)}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--valid")
    parser.add_argument("--sample-users", type=int)
    for name, value in (("trials", 1), ("seed", 42), ("threads", 2), ("limit", 900)):
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--models", default=OURS)
    parser.add_argument("--peers", default=",".join(SPACES))
    parser.add_argument("--work")
    parser.add_argument("--segue", default=os.path.join(here, "..", "bin", "run.js"))
    parser.add_argument("--json")
    args = parser.parse_args()
    folder = args.work or tempfile.mkdtemp(prefix="segue-bench-")
    os.makedirs(folder, exist_ok=True)
    bench = Bench(args, folder)
    data, best = bench.data, None
    shape = f"{np.count_nonzero(np.diff(data.train.indptr)):,} users × {len(np.unique(data.train.indices)):,} items"
    origin = "a tenth of each user's training items" if args.valid is None else "given"
    print(f"{shape}; pairs: {data.train.nnz:,} train, {data.valid.nnz:,} validation ({origin}), {data.test.nnz:,} test; seed {args.seed}")
    line(("model", "trials", "valid", "R@10", "NDCG@10", "fit s", "search s", "NDCG@10 over"))
    rows, by_user, missing = [], {}, []
    for name in filter(None, (*args.peers.split(","), *args.models.split(","))):
        try:
            row, users = bench.row(name)
        except RuntimeError as error:
            missing.append({"model": name, "error": str(error)})
            continue
        rows.append(row)
        by_user[name] = users["ndcg@10"]
        over = "–"
        if name in SPACES:
            best = max(best or name, name, key=lambda peer: by_user[peer].mean())
        elif best is not None:
            difference = by_user[name] - by_user[best]
            row["over"] = {"peer": best, "mean": difference.mean(), "interval": interval(difference, args.seed)}
            over = with_half(row["over"]["mean"], row["over"]["interval"], "+")
        recall, ndcg = (with_half(*row["test"][metric].values()) for metric in ("recall@10", "ndcg@10"))
        seconds = [f"{row[key]:.1f}" if key in row else "–" for key in ("fitSeconds", "searchSeconds")]
        valid = number(row["valid"]) if "valid" in row else "–"
        line((name + (f" → {row['chosen']}" if "chosen" in row else ""), row["trials"], valid, recall, ndcg, *seconds, over))
        if args.json:
            with open(args.json, "w") as file:
                json.dump({"data": shape, "seed": args.seed, "rows": rows, "missing": missing}, file, indent=1)
    print("".join(f"{one['model']}: {one['error']}\n" for one in missing) + (f"over: the best peer on the test part, {best}" if best else ""))
    for row in rows:
        print(row["command"])
        for failed in row.get("failed", []):
            print(f"  not a trial that counts: {json.dumps(failed['settings'])}: {failed['error']}")
    bench.check([row for row in rows if row["model"] in ("popularity", "als") and row["trials"] == 1])


if __name__ == "__main__":
    main()
