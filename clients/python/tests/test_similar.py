"""Neighbours beside those of ``segue similar --exact``: the same items in the same order, the same bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest
from segue_process import REPOSITORY, run_segue

import segue
from segue._lanes import inner_products, unit_rows
from segue._search import CosineSearch


@pytest.mark.parametrize("kind", ["item", "artist", "album"])
def test_of_every_item_artist_and_album(rock: Path, kind: str) -> None:
    every = run_segue(rock, "similar", "--all", "--exact", "-k", "7", "--kind", kind, "--format", "ndjson")
    with segue.open(rock) as snapshot:
        for line in every:
            id = line["query"][0]["id"]
            query = f"id:{id}" if kind == "item" else f"{kind}:id:{id}"
            assert snapshot.similar(query, kind=kind, k=7) == line["neighbours"]
        assert len(every) > 30


def test_of_items_that_were_added(rock: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.csv"
    new.write_text("id,name,artist,album\nnew-one,New One,Fleetwood Mac,\nnobody,Nobody,Nobody,Nothing\n")
    [added] = run_segue(rock, "items", "add", str(new), "--to", "current", "--threads", "1")
    snapshot_id = added["snapshot"]
    with segue.open(rock, snapshot_id) as snapshot:
        snapshot.verify()
        assert snapshot.num_items == added["items"]
        for query in ["new-one", "Rhiannon", "Go Your Own Way"]:
            [wanted] = run_segue(rock, "similar", query, "--exact", "-k", "30", "--snapshot", snapshot_id)
            assert snapshot.similar(query, k=30) == wanted["neighbours"]
            assert query == "new-one" or "new-one" in [item["id"] for item in wanted["neighbours"]]
        with pytest.raises(segue.ItemWithoutVector):
            snapshot.similar("nobody")


QUESTIONS: list[tuple[list[str], dict[str, Any]]] = [
    (["Rhiannon"], {}),
    (["rhiannon", "name:Magic Man"], {}),
    (["Rhiannon", "artist:AC/DC"], {"weights": [1, 0.3]}),
    (["Rhiannon"], {"minus": ["Magic Man"], "weights": [2]}),
    (["Rhiannon"], {"minus": ["Magic Man"], "weights": [2, 0.5]}),
    (["Rhiannon"], {"weights": [-1]}),
    (["Rhiannon"], {"kind": "artist"}),
    (["AC/DC"], {"kind": "artist"}),
    (["artist:Heart"], {}),
    (["Heart", "id:fleetwood-mac-rhiannon"], {"kind": "album"}),
]


@pytest.mark.parametrize(("items", "options"), QUESTIONS)
def test_of_names_sums_and_weights(rock: Path, items: list[str], options: dict[str, Any]) -> None:
    args = [*items, "-k", "12", "--exact", "--kind", options.get("kind", "item")]
    for name in options.get("minus", []):
        args += ["--minus", name]
    if "weights" in options:
        args += [f"--weights={','.join(map(str, options['weights']))}"]
    try:
        [wanted] = run_segue(rock, "similar", *args)
    except AssertionError:
        [refused] = run_segue(rock, "similar", *args, code=3)
        with segue.open(rock) as snapshot, pytest.raises(segue.SegueError) as caught:
            snapshot.similar(items, k=12, **options)
        assert caught.value.code == refused["error"]["code"]
        return
    with segue.open(rock) as snapshot:
        assert snapshot.similar(items, k=12, **options) == wanted["neighbours"]


def test_of_a_matrix_by_rows(golden: Path) -> None:
    args = ["Rhiannon", "Magic Man", "--minus", "Black Water", "--weights=1,2,0.5", "-k", "30", "--snapshot", "ease"]
    [wanted] = run_segue(golden, "similar", *args)
    with segue.open(golden, "ease") as snapshot:
        got = snapshot.similar(["Rhiannon", "Magic Man"], minus="Black Water", weights=[1, 2, 0.5], k=30)
    assert got == wanted["neighbours"]


def test_of_a_sparse_matrix_by_rows(rock: Path) -> None:
    plays = REPOSITORY / "examples" / "classic-rock" / "plays.csv.gz"
    run_segue(rock, "train", str(plays), "--model", "slim", "--tag", "slim", "--threads", "1")
    args = ["fleetwood-mac-rhiannon", "heart-magic-man", "--weights=1,0.5", "-k", "30", "--snapshot", "slim"]
    [wanted] = run_segue(rock, "similar", *args)
    with segue.open(rock, "slim") as snapshot:
        got = snapshot.similar(["fleetwood-mac-rhiannon", "heart-magic-man"], weights=[1, 0.5], k=30)
        with pytest.raises(segue.MissingPart, match="slim, which has no vectors"):
            _ = snapshot.item_vectors
    assert got == wanted["neighbours"]


def test_of_a_vector_and_among_some_rows(rock: Path) -> None:
    [wanted] = run_segue(rock, "similar", "Rhiannon", "--where", "released > 1980", "-k", "5", "--exact")
    with segue.open(rock) as snapshot:
        released = snapshot.items["released"]
        mask = np.array([year is not None and year > 1980 for year in released.to_pylist()])
        for among in (mask, np.flatnonzero(mask), pc.greater(released, 1980)):
            assert snapshot.similar("Rhiannon", k=5, among=among) == wanted["neighbours"]
        row = snapshot.item_row("Rhiannon")
        of_vector = snapshot.similar(vector=snapshot.item_vectors[row], k=1)
        assert [one["name"] for one in of_vector] == ["Rhiannon"]
        assert of_vector[0]["similarity"] == pytest.approx(1, abs=1e-6)
        assert snapshot.similar("Rhiannon", among=[]) == []
        assert len(snapshot.similar("Rhiannon", k=10**6, min_events=0)) == snapshot.num_items - 1


def test_of_so_many_events(rock: Path) -> None:
    for min_events in (0, 2, 40):
        [wanted] = run_segue(rock, "similar", "Rhiannon", "-k", "9", "--exact", "--min-events", str(min_events))
        with segue.open(rock) as snapshot:
            assert snapshot.similar("Rhiannon", k=9, min_events=min_events) == wanted["neighbours"]


WRONG: list[tuple[Any, dict[str, Any], type[segue.SegueError], str]] = [
    ((), {}, segue.BadUsage, "no item is named"),
    ("Rhiannon", {"k": 0}, segue.BadUsage, "k is 0"),
    ("Rhiannon", {"minus": "Rhiannon"}, segue.BadUsage, "leaves nothing"),
    ("Rhiannon", {"weights": [1, 2]}, segue.BadUsage, "weights has 2 numbers, wanted 1"),
    ("Rhiannon", {"weights": [0]}, segue.BadUsage, "other than 0"),
    ("Rhiannon", {"minus": "Magic Man", "weights": [1, -1]}, segue.BadUsage, "would add it"),
    ("Rhiannon", {"vector": [1, 2]}, segue.BadUsage, r"shape \(2,\), wanted 20"),
    ("Rhiannon", {"among": [True]}, segue.BadUsage, "wanted a mask by row, or rows"),
    ("Rhiannon", {"among": [10**6]}, segue.BadUsage, "wanted 0 to"),
    ("Rhiannon", {"among": [-1]}, segue.BadUsage, "rows from -1"),
    ("Rhiannon", {"kind": "genre"}, segue.MissingPart, "it has: item, artist, album"),
    ("id:Rhiannon", {}, segue.ItemNotFound, "no item is called"),
    ("Rhianon", {}, segue.ItemNotFound, "did you mean 'Rhiannon'"),
]


@pytest.mark.parametrize(("items", "options", "error", "says"), WRONG)
def test_what_cannot_be_asked_says_why(
    rock: Path, items: Any, options: dict[str, Any], error: type[segue.SegueError], says: str
) -> None:
    with segue.open(rock) as snapshot, pytest.raises(error, match=says):
        snapshot.similar(items, **options)


def test_ties_and_rows_without_direction_are_ranked_as_segue_does() -> None:
    random = np.random.default_rng(7)
    vectors = random.standard_normal((4096, 12)).astype(np.float32)
    vectors[100:3000] = vectors[5]
    vectors[7] = 0
    search = CosineSearch(vectors)
    assert np.isnan(search.direction_of(7)).all()
    query = search.direction_of(5)
    units = unit_rows(vectors)
    scores = inner_products(units, query)
    scores[7] = -np.inf
    for k in (1, 3, 2900, 2950, 4096):
        ranked = search.best(query, k, np.ones(4096, np.bool_))
        wanted = np.lexsort((np.arange(4096), -scores))[: min(k, 4095)]
        np.testing.assert_array_equal(ranked.rows, wanted)
        np.testing.assert_array_equal(ranked.scores, scores[wanted])
