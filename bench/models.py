"""
segue's models beside implicit, cmfrec, LensKit and irspack on one split, untuned and with equally many trials each: files in, one
table out.

    python3 -m venv venv
    venv/bin/pip install implicit==0.7.3 cmfrec==3.5.1.post14 lenskit==2025.8.1 irspack==0.5.2 numpy==2.4.6 scipy==1.17.1
    venv/bin/python bench/models.py train.txt test.txt --valid valid.txt --trials 8 --work results
    venv/bin/python bench/models.py train.txt test.txt --trials 8 --work results       # a tenth of train.txt is for validation
    venv/bin/python bench/models.py events.csv --sample-users 15000                    # split here; the defaults alone

Files: a user and then their items on each line (as LightGCN and its successors have them), or a table of a pair a line, with a
header or without, separated by commas, tabs, semicolons, bars, :: or spaces; also in .gz. The columns of a table are those that
its header calls user (listener, playlist …) and item (track, artist, movie …), else the first two. Ids are any strings. A file
alone is split by the seed: a fifth of each user's items is the test part. Items that training never saw are misses; users without
a history are left out; both are counted.

What is measured: every model once with its defaults, and with --trials N once more with the best of N settings by NDCG@10 on the
validation part, which is not trained on; setting 1 is the defaults. segue searches by `segue tune`, which keeps to the defaults
unless a setting is surely better, the peers at random in the spaces of bench/models_peers.py. What was chosen is trained on the
whole training part, and measured on the test part, once. popularity has no settings, and auto (`segue train` without a model)
chooses for itself: both have one row.

Rankings, 20 unseen items a user, are files, and are measured here, all in the same way; that figures are those of `segue evaluate`
to four digits is checked by popularity and als. ± is half the 95 % bootstrap interval over users. "Over" is the difference to the
one row of a peer that is best on the test part, tuned or not, user by user. CPU seconds are of all threads: of whole processes of
segue, with reading and writing; of the peers' import and training (fit), and ranking (search). table.md and table.json in the
work directory are the results so far; a second run with that directory measures only what is not there yet.
"""

import argparse
import csv
import gzip
import importlib.metadata
import json
import os
import platform
import re
import resource
import signal
import subprocess
import sys
import tempfile

import numpy as np
import scipy.sparse
from models_peers import SPACES, draw

here = os.path.dirname(os.path.abspath(__file__))
K, NONE, RESAMPLES = 20, 2**32 - 1, 1000
OURS = "popularity,als,ease,slim,spectral,als+ease,als+slim,spectral+slim,auto"
USER_WORDS = ("user", "listener", "playlist", "customer", "reviewer", "session", "uid")
ITEM_WORDS = ("item", "track", "song", "movie", "artist", "book", "product", "business", "venue", "asin", "iid")


def column(header, words, usual):
    return next((at for word in words for at, name in enumerate(header) if word in name.lower()), usual)


def read(path, form):
    """The pairs of a file: two lists, of users and items."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8-sig", newline="") as file:
        lines = [line for line in file.read().replace("\r", "").split("\n") if line.strip()]
    if not lines:
        sys.exit(f"{path}: no pairs: the file is empty")
    mark = next((mark for mark in ("::", "\t", ",", ";", "|") if mark in lines[0]), None)
    if mark in (",", ";"):
        rows = list(csv.reader(lines, delimiter=mark))
    else:
        rows = [line.split(mark) for line in lines]
    widths, users = {len(row) for row in rows[1:] or rows}, [row[0] for row in rows]
    repeats = len(set(users)) < len(users)
    # Lists have many lengths and a line a user. Lists of one length look like a table: then a repeated user tells.
    table = widths == {2} or (repeats if mark is None else repeats or len(widths) == 1)
    if form == "lists" or (form is None and not table):
        pairs = [(row[0], item) for row in rows for item in row[1:] if item]
    else:
        first, numeric = rows[0], all(row[0].isdigit() for row in rows[1:20])
        named = any(word in name.lower() for name in first for word in USER_WORDS + ITEM_WORDS if not re.search(r"\d", name))
        titled = len(rows) > 1 and (named or (numeric and not first[0].isdigit()))
        at = (column(first, USER_WORDS, 0), column(first, ITEM_WORDS, 1)) if titled else (0, 1)
        at = (0, 1) if at[0] == at[1] else at
        pairs = [(row[at[0]], row[at[1]]) for row in rows[titled:] if len(row) > max(at) and row[at[0]] and row[at[1]]]
    if not pairs:
        sys.exit(f"{path}: no pairs: wanted a user and then their items on each line, or a table (--form says which)")
    return [user for user, _ in pairs], [item for _, item in pairs]


class Data:
    """The parts as users × items matrices of one shape, rows and columns in the order in which the files name them."""

    def __init__(self, paths, args):
        self.users, self.items, self.seed = {}, {}, args.seed
        pairs = (read(path, args.form) for path in paths)
        numbered = [(self.number(users, self.users), self.number(items, self.items)) for users, items in pairs]
        parts = [self.matrix(users, items) for users, items in numbered]
        if args.sample_users is not None and args.sample_users < len(self.users):
            kept = np.sort(np.random.default_rng([args.seed, 2]).permutation(len(self.users))[: args.sample_users])
            parts, names = [part[kept] for part in parts], list(self.users)
            self.users = {names[before]: row for row, before in enumerate(kept)}
        self.train, self.test = parts[:2] if len(parts) > 1 else self.split(parts[0], 0.2, 0)
        self.part, self.valid = (self.train, parts[2]) if len(parts) > 2 else self.split(self.train, 0.1, 1)
        # A pair that is trained on cannot be recommended, and some thousand users are enough to choose by.
        repeated, cold = self.test.multiply(self.train).nnz, self.test[np.diff(self.train.indptr) == 0].nnz
        self.test = self.unseen(self.test, self.train)
        unknown = self.test.nnz - self.test[:, np.unique(self.train.indices)].nnz
        self.left_out = f"{unknown:,} test pairs are of items that training has not; left out are {cold:,} of users that it has not"
        self.left_out += f", and {repeated:,} that are trained on"
        self.valid = self.unseen(self.valid, self.part, args.valid_users)

    def unseen(self, held, trained, most=None):
        """The pairs of `held` that are not trained on, of all users with a history or of so many, drawn by the seed."""
        rows, columns = (held - held.multiply(trained)).nonzero()
        known = np.intersect1d(rows, np.flatnonzero(np.diff(trained.indptr)))
        kept = np.isin(rows, np.random.default_rng([self.seed, 3]).permutation(known)[:most])
        if not kept.any():
            sys.exit("a held-out part has no pair that is not trained on: are these files of one split, with the same ids?")
        return self.matrix(rows[kept], columns[kept])

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
            if any(re.search(r"[\s\"',\x00-\x1f]|^#", name) for name in numbers):
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


class Stopped(RuntimeError):
    pass


def run(command, limit):
    """The JSON that a command prints, and the CPU seconds that it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    bound = (resource.RLIMIT_CPU, (limit, limit + 5))
    done = subprocess.run(command, capture_output=True, text=True, preexec_fn=lambda: resource.setrlimit(*bound))
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if done.returncode == 0:
        return json.loads(done.stdout or "{}"), seconds
    if done.returncode == -signal.SIGXCPU or seconds >= limit:
        raise Stopped(f"stopped after {limit} CPU s")
    if done.returncode == -9:
        raise RuntimeError("killed by signal 9, which is what a machine out of memory sends")
    said = (done.stdout + done.stderr).strip().splitlines() or [f"ended with {done.returncode}"]
    if said[0].startswith('{"error"'):
        raise RuntimeError(json.loads(said[0])["error"]["message"])
    raise RuntimeError(next((line for line in reversed(said) if "Error" in line), said[-1])[:400])


def kept_json(path, value=None):
    """What a file has, or None; with a value it is written first, whole or not at all."""
    if value is not None:
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump(value, file, indent=1)
        os.replace(path + ".new", path)
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as file:
        return json.load(file)


class Bench:
    def __init__(self, args, folder):
        self.args, self.folder, self.fresh = args, folder, []
        asked = [[os.path.abspath(path), os.path.getsize(path)] for path in (*args.files, args.valid) if path is not None]
        asked = {"files": asked, **{name: getattr(args, name) for name in ("seed", "sample_users", "valid_users", "form")}}
        if (kept_json(self.path("split.json")) or asked) != asked:
            sys.exit(f"{folder} has the results of another split: {kept_json(self.path('split.json'))}; name another --work")
        self.data = Data([path for path, _ in asked["files"]], args)
        self.data.write(folder)
        kept_json(self.path("split.json"), asked)
        self.common = ["--format", "lightgcn", "--threads", str(args.threads), "--seed", str(args.seed)]

    def path(self, name):
        return os.path.join(self.folder, name)

    def segue(self, *words, runs=1):
        return run(["node", self.args.segue, *words, "--root", self.path("root"), "--json", "--quiet"], self.args.limit * runs)

    def ours(self, name, trials):
        chosen, row = [] if name == "auto" else ["--model", name], {}
        if trials > 1:
            held = ["--valid", self.path("valid.txt"), "--metric", "ndcg@10", "--trials", str(trials)]
            found, row["searchSeconds"] = self.segue("tune", self.path("part.txt"), *chosen, *held, *self.common, runs=trials)
            # tune keeps to the defaults unless a setting is surely better.
            over = row["overDefaults"] = found["overDefaults"]
            row["valid"] = found["defaults"] if over and not over["isBetter"] else found["best"]["best"]["score"]
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
        return top, {**row, "command": "segue " + " ".join(word.replace(self.folder, "WORK") for word in train)}

    def measure(self, name, part, held, settings):
        out = self.path(f"trial-{name}.npy")
        words = [name, self.path(part), self.path(held), json.dumps(settings), out]
        words += map(str, (K, self.args.threads, self.args.seed))
        seconds, _ = run([sys.executable, os.path.join(here, "models_peers.py"), *words], self.args.limit)
        top = np.load(out)
        os.remove(out)
        return top, seconds

    def peer(self, name, trials):
        settings, row = draw(name, self.args.seed, 1), {}
        if trials > 1:
            # Each trial is kept as it ends. After two in a row that were stopped, the rest counts as stopped.
            note = self.path(f"{name}-trials.json")
            done = [trial for trial in kept_json(note) or [] if trial.get("limit", self.args.limit) >= self.args.limit]
            for number in range(1, trials + 1):
                drawn = draw(name, self.args.seed, number)
                if any(trial["settings"] == drawn for trial in done):
                    continue
                if len(done) >= 2 and all("limit" in trial for trial in done[-2:]):
                    break
                try:
                    top, seconds = self.measure(name, "part.npz", "valid.npz", drawn)
                    done.append({"settings": drawn, "valid": figures(top, self.data.valid)["ndcg@10"].mean(), **seconds})
                except Stopped as error:
                    done.append({"settings": drawn, "error": str(error), "limit": self.args.limit})
                except RuntimeError as error:
                    done.append({"settings": drawn, "error": str(error)})
                kept_json(note, done)
            ended = [trial for trial in done[:trials] if "valid" in trial]
            if not ended:
                raise RuntimeError(f"no trial ended: {done[0]['error']}")
            best = max(ended, key=lambda trial: trial["valid"])
            row = {"valid": best["valid"], "searchSeconds": sum(trial["fit"] + trial["rank"] for trial in ended)}
            row.update(ended=len(ended), failed=[trial for trial in done[:trials] if "error" in trial])
            if best["settings"] == settings and os.path.exists(self.path(f"{name}-1.npy")):
                return np.load(self.path(f"{name}-1.npy")), {**kept_json(self.path(f"{name}-1.json")), **row}
            settings = best["settings"]
        top, seconds = self.measure(name, "train.npz", "test.npz", settings)
        return top, {**row, "fitSeconds": seconds["fit"], "command": f"{name} {json.dumps(settings)}"}

    def row(self, name, trials):
        """What was measured of a model, now or in an earlier run, and its NDCG@10 user by user."""
        note, kept = (self.path(f"{name}-{trials}.{ending}") for ending in ("json", "npy"))
        row = kept_json(note)
        if row is None or row.get("limit", self.args.limit) < self.args.limit or ("error" in row and "limit" not in row):
            try:
                top, row = (self.peer if name in SPACES else self.ours)(name, trials)
                np.save(kept, top)
                self.fresh += [(name, trials)] if trials == 1 else []
            except RuntimeError as error:
                row = {"error": str(error), **({"limit": self.args.limit} if isinstance(error, Stopped) else {})}
            kept_json(note, row)
        row = {"model": name, **row, "trials": trials}
        if "error" in row:
            return row, None
        users = figures(np.load(kept), self.data.test)
        means = {metric: {"mean": values.mean(), "interval": interval(values, self.args.seed)} for metric, values in users.items()}
        return {**row, "test": means}, users["ndcg@10"]

    def check(self, rows):
        """Figures are those of segue's own evaluation, to four digits."""
        parts = [self.path("train.txt"), "--test", self.path("test.txt"), "--at", "10,20", "--bootstrap", "0"]
        models = [word for row in rows for word in ("--model", row["model"])]
        measured = self.segue("evaluate", *parts, *models, *self.common, runs=2)[0] if rows else {}
        for row in rows:
            result = next(result for result in measured["results"] if result["model"] == row["model"])
            for metric, value in row["test"].items():
                theirs = result["metrics"][metric]
                if abs(value["mean"] - theirs) > 5e-5:
                    sys.exit(f"{row['model']}: {metric} is {value['mean']:.6f} here, {theirs:.6f} by segue evaluate")
            print(f"{row['model']}: figures are those of segue evaluate, to four digits", file=sys.stderr)


def number(value, sign=""):
    return f"{value:{sign}.4f}".replace("0.", ".", 1)


def with_half(measured, sign=""):
    low, high = measured["interval"]
    return f"{number(measured['mean'], sign)} ±{number((high - low) / 2)}"


def machine(args):
    """What the figures were measured with."""

    def said(*words, folder=None):
        try:
            return subprocess.run(words, capture_output=True, text=True, cwd=folder).stdout.strip()
        except OSError:
            return ""

    versions = {"python": platform.python_version(), "node": said("node", "--version")}
    versions["segue"] = said("node", args.segue, "--version").partition(" ")[0].rpartition("/")[2]
    folder = os.path.dirname(os.path.abspath(args.segue))
    versions["commit"] = said("git", "describe", "--always", "--dirty", "--exclude=*", folder=folder)
    for package in ("implicit", "cmfrec", "lenskit", "irspack", "numpy", "scipy"):
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            versions[package] = "not installed"
    processor = platform.processor()
    if os.path.exists("/proc/cpuinfo"):
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            processor = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), processor)
    return {"processor": processor, "cores": os.cpu_count(), "system": platform.platform(), **versions}


def table(rows, by_user, args):
    """The rows as Markdown, with the difference of each to the best row of a peer on the test part."""
    peers = [key for key in by_user if key[0] in SPACES]
    best = max(peers, key=lambda key: by_user[key].mean(), default=None)
    of_best = "" if best is None else f" over {best[0]}, {best[1]} trial{'s' if best[1] > 1 else ''}"
    heads = ["model", "trials", "NDCG@10, validation", "recall@10", "NDCG@10", "fit, CPU s", "search, CPU s", f"NDCG@10{of_best}"]
    lines = [heads, ["-" * len(head) for head in heads]]
    for row in rows:
        name, key = row["model"], (row["model"], row["trials"])
        if key not in by_user:
            lines.append([name, str(row["trials"]), *["–"] * 5, row["error"].replace("|", "/")])
            continue
        if best is not None and key != best:
            difference = by_user[key] - by_user[best]
            row["over"] = {"peer": best[0], "peerTrials": best[1], "mean": difference.mean()}
            row["over"]["interval"] = interval(difference, args.seed)
        stopped = f" ({row['ended']} ended)" if row.get("ended", row["trials"]) < row["trials"] else ""
        seconds = [f"{row[key]:.1f}" if key in row else "–" for key in ("fitSeconds", "searchSeconds")]
        measured = [with_half(row["test"][metric]) for metric in ("recall@10", "ndcg@10")]
        measured.insert(0, number(row["valid"]) if "valid" in row else "–")
        name += f" → {row['chosen']}" if "chosen" in row else ""
        over = with_half(row["over"], "+") if "over" in row else "–"
        lines.append([name, f"{row['trials']}{stopped}", *measured, *seconds, over])
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+", metavar="FILE", help="the training and the test part, or one file to split")
    parser.add_argument("--valid", metavar="FILE", help="the validation part (usual: a tenth of each user's training items)")
    parser.add_argument("--form", choices=("lists", "table"), help="what the files are (usual: seen by their lines)")
    for name, value, text in (
        ("trials", 1, "settings that are tried for each model, the first of them its defaults"),
        ("limit", 900, "CPU seconds after which a training is stopped, and reported; for `segue tune` times --trials"),
        ("seed", 42, "of splits, trials, trainings and intervals"),
        ("threads", 2, "of every model"),
        ("valid-users", 15000, "most users that settings are compared by"),
        ("sample-users", None, "most users that are kept at all, drawn by the seed"),
    ):
        parser.add_argument(f"--{name}", type=int, default=value, metavar="N", help=f"{text} (usual: {value or 'all'})")
    parser.add_argument("--models", default=OURS, metavar="LIST", help="of segue's (usual: %(default)s)")
    parser.add_argument("--peers", default=",".join(SPACES), metavar="LIST", help="(usual: %(default)s); '' for none")
    parser.add_argument("--work", metavar="DIR", help="keeps parts, rankings, rows and tables, to go on after an interruption")
    usual = os.path.join(here, "..", "bin", "run.js")
    parser.add_argument("--segue", default=usual, metavar="FILE", help="bin/run.js of another version")
    parser.add_argument("--json", metavar="FILE", help="another place for table.json: all figures, settings, commands, versions")
    args = parser.parse_args()
    names = [name for name in (*args.peers.split(","), *args.models.split(",")) if name]
    unknown = [name for name in names if name not in SPACES and name not in OURS.split(",")]
    if unknown or len(args.files) > 2:
        parser.error(f"unknown model: {', '.join(unknown)}" if unknown else "wanted one file or two; --valid names the third")
    for path in filter(None, (*args.files, args.valid, args.segue)):
        if not os.path.isfile(path):
            parser.error(f"no such file: {path}")
    folder = os.path.abspath(args.work or tempfile.mkdtemp(prefix="segue-bench-"))
    os.makedirs(folder, exist_ok=True)
    bench = Bench(args, folder)
    data, used = bench.data, machine(args)
    shape = f"{np.count_nonzero(np.diff(data.train.indptr)):,} users × {len(np.unique(data.train.indices)):,} items"
    origin = "a tenth of each user's training items" if args.valid is None else "given"
    shape += f"; pairs: {data.train.nnz:,} train, {data.valid.nnz:,} validation ({origin}), {data.test.nnz:,} test; seed {args.seed}"
    shape += f". {data.left_out}"
    print(f"{folder}: {shape}", file=sys.stderr, flush=True)
    rows, by_user = [], {}
    for trials in sorted({1, args.trials}):
        for name in names if trials == 1 else [name for name in names if name not in ("auto", "popularity")]:
            row, users = bench.row(name, trials)
            rows.append(row)
            if users is not None:
                by_user[name, trials] = users
            said = row.get("error") or f"NDCG@10 {number(row['test']['ndcg@10']['mean'])}"
            print(f"{name}, {trials} trial{'s' if trials > 1 else ''}: {said}", file=sys.stderr, flush=True)
            rows.sort(key=lambda row: (names.index(row["model"]), row["trials"]))
            markdown = table(rows, by_user, args)
            for path in filter(None, (os.path.join(folder, "table.json"), args.json)):
                kept_json(path, {"data": shape, "machine": used, "rows": rows})
            with open(os.path.join(folder, "table.md"), "w", encoding="utf-8") as file:
                commands = "".join(f"- {row['trials']}: `{row['command']}`\n" for row in rows if "command" in row)
                made = ", ".join(f"{name} {value}" for name, value in used.items())
                file.write(f"{shape}. CPU seconds of {args.threads} threads.\n\n{markdown}\n{made}\n\n")
                file.write(f"Trials and what was measured:\n\n{commands}")
    bench.check([row for row in rows if (row["model"], row["trials"]) in bench.fresh and row["model"] in ("popularity", "als")])
    with open(os.path.join(folder, "table.md"), encoding="utf-8") as file:
        print(file.read(), end="")


if __name__ == "__main__":
    main()
