"""What implicit recommends, and what segue recommends of the same factors after `segue import`: ranks and largest difference.

    npm run build && python bench/import_implicit.py

Needs implicit, NumPy and SciPy; trains implicit on planted pairs (seeded), saves its factors as docs/reference/interchange.md says, imports
them into a temporary root, and compares the ten best of 50 users with implicit's, what they have heard left out in both.
"""

import json
import os
import pathlib
import subprocess
import tempfile

import implicit
import numpy as np
import scipy.sparse

segue = ["node", str(pathlib.Path(__file__).parent.parent / "bin/run.js")]
random = np.random.default_rng(7)
num_users, num_items, groups = 2000, 1500, 12
user_group = random.integers(groups, size=num_users)
rows, columns = [], []
for user in range(num_users):
    own = np.arange(num_items)[np.arange(num_items) % groups == user_group[user]]
    heard = np.unique(np.concatenate([random.choice(own, 20), random.integers(num_items, size=6)]))
    rows += [user] * len(heard)
    columns += list(heard)
plays = scipy.sparse.csr_matrix((np.ones(len(rows), np.float32), (rows, columns)), shape=(num_users, num_items))
model = implicit.als.AlternatingLeastSquares(factors=32, iterations=5, random_state=1, use_gpu=False)
model.fit(plays, show_progress=False)

with tempfile.TemporaryDirectory() as folder:
    here = pathlib.Path(folder)
    np.save(here / "items.npy", model.item_factors)
    np.save(here / "users.npy", model.user_factors)
    (here / "items.txt").write_text("".join(f"item-{row}\n" for row in range(num_items)))
    (here / "users.txt").write_text("".join(f"user-{row}\n" for row in range(num_users)))
    (here / "plays.csv").write_text("user,item\n" + "".join(f"user-{u},item-{i}\n" for u, i in zip(rows, columns)))

    def run(*args):
        environment = {**os.environ, "SEGUE_ROOT": str(here / "root")}
        done = subprocess.run([*segue, *args, "--json"], check=True, cwd=here, env=environment, stdout=subprocess.PIPE)
        return [json.loads(line) for line in done.stdout.decode().splitlines()]

    run("import", "items.npy", "--ids", "items.txt", "--user-vectors", "users.npy", "--user-ids", "users.txt", "--events", "plays.csv")
    asked = list(range(0, num_users, num_users // 50))
    answers = run("recommend", *[f"user-{user}" for user in asked])
    same, apart = 0, 0.0
    for user, answer in zip(asked, answers):
        items, scores = model.recommend(user, plays[user], N=10)
        ours = answer["recommendations"]
        same += [f"item-{item}" for item in items] == [each["id"] for each in ours]
        apart = max(apart, max(abs(each["score"] - score) for each, score in zip(ours, scores)))
    print(f"users with the same ten items in the same order: {same} of {len(asked)}; largest difference of a score: {apart:.1e}")
