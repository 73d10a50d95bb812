"""What the golden snapshots hold, and what the segue that wrote them answered: read to the bit."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

import segue

TAGS = ["indexed", "newer", "alone", "item2vec", "ease", "popularity"]


def test_what_is_published_is_opened_without_a_reference(golden: Path, answers: dict[str, Any]) -> None:
    with segue.open(golden) as snapshot:
        assert snapshot.id == answers["made"]["newer"] == segue.current_id(golden)
        assert snapshot.manifest["formatVersion"] == 1
        assert snapshot.path == str(golden.resolve() / "snapshots" / snapshot.id)
        assert repr(snapshot) == f"<segue.Snapshot {snapshot.id}: als, 184 items × 8>"


@pytest.mark.parametrize("tag", TAGS)
def test_a_tag_an_id_and_its_beginning_name_a_snapshot(golden: Path, answers: dict[str, Any], tag: str) -> None:
    made = answers["made"][tag]
    for reference in (tag, made, made[:5]):
        with segue.open(golden, reference) as snapshot:
            assert snapshot.id == made


def test_latest_is_opened_with_a_warning_while_nothing_is_published(golden: Path, answers: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        segue.open(golden).close()
        (golden / "current").unlink()
        segue.open(golden, "latest").close()
    with pytest.warns(UserWarning, match="nothing is published") as caught, segue.open(golden) as snapshot:
        assert snapshot.id == answers["made"]["popularity"]
    assert caught[0].filename == __file__
    assert segue.current_id(golden) is None


def test_the_root_may_be_left_to_the_environment(golden: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGUE_ROOT", str(golden))
    with segue.open() as snapshot:
        assert snapshot.num_items == 184
    monkeypatch.delenv("SEGUE_ROOT")
    monkeypatch.chdir(golden.parent)
    golden.rename(".segue")
    with segue.open() as snapshot:
        assert snapshot.num_items == 184


@pytest.mark.parametrize("tag", TAGS)
def test_every_array_is_that_of_its_file_and_read_only(golden: Path, tag: str) -> None:
    with segue.open(golden, tag) as snapshot:
        snapshot.verify()
        arrays: dict[str, Any] = {}
        if snapshot.manifest["model"]["scorer"] == "inner-product":
            arrays["model/item.npy"] = snapshot.item_vectors
            if snapshot.manifest["users"] is not None:
                arrays["users/users.npy"] = snapshot.user_vectors
        if snapshot.manifest["users"] is not None:
            for name in ("indptr", "item", "weight", "count", "last", "flags"):
                arrays[f"users/history/{name}.npy"] = getattr(snapshot.histories, name)
        for name, array in arrays.items():
            wanted = np.load(Path(snapshot.path) / name)
            assert array.dtype == wanted.dtype
            np.testing.assert_array_equal(array, wanted)
            with pytest.raises(ValueError, match="read-only"):
                array[:1] = 0
    # What was mapped stays, though the lease is gone.
    for name, array in arrays.items():
        np.testing.assert_array_equal(array, np.load(Path(snapshot.path) / name))


def test_tables_are_those_of_the_files(golden: Path) -> None:
    with segue.open(golden) as snapshot:
        wanted = pa.ipc.open_file(f"{snapshot.path}/model/item.arrow").read_all()
        assert snapshot.items.equals(wanted)
        assert snapshot.items.column_names == ["id", "count", "name", "artist", "released"]
        assert snapshot.users.equals(pa.ipc.open_file(f"{snapshot.path}/users/users.arrow").read_all())
        # Two of the catalogue were never played, and have no vector.
        assert (snapshot.items.num_rows, snapshot.num_items) == (186, 184)
        for row, id in enumerate(snapshot.items["id"].to_pylist()):
            assert snapshot.item_row(id) == row
        for row, id in enumerate(snapshot.users["id"].to_pylist()):
            assert snapshot.user_row(id) == row


def test_a_history_is_the_pairs_of_its_user(golden: Path) -> None:
    with segue.open(golden) as snapshot:
        every = snapshot.histories
        ids, names = snapshot.items["id"].to_pylist(), snapshot.items["name"].to_pylist()
        for row, (user, count) in enumerate(zip(*map(pa.Array.to_pylist, snapshot.users.to_batches()[0].columns))):
            history = snapshot.history(user)
            at = slice(every.indptr[row], every.indptr[row + 1])
            assert history["item"].to_pylist() == [ids[item] for item in every.item[at]]
            assert history["name"].to_pylist() == [names[item] for item in every.item[at]]
            assert history["weight"].to_pylist() == [weight / 1e9 for weight in every.weight[at].tolist()]
            assert sum(history["count"].to_pylist()) == count
            assert history["last"].type == pa.timestamp("ms", "UTC")
            millis = [None if np.isnat(time) else time.astype(np.int64) for time in every.last[at]]
            assert history["last"].cast(pa.int64()).to_pylist() == millis
        opinions = snapshot.history("someone-new").to_pylist()
        assert [(one["name"], one["disliked"], one["banned"]) for one in opinions] == [
            ("You Shook Me All Night Long", False, False),
            ("Magic Man", True, False),
            ("Black Water", False, True),
            ("Rhiannon", False, False),
        ]
        with pytest.raises(segue.UserNotFound, match="nobody-here"):
            snapshot.history("nobody-here")


def test_frames_of_pandas_hold_the_same(golden: Path) -> None:
    pytest.importorskip("pandas")
    with segue.open(golden) as snapshot:
        items = snapshot.to_pandas()
        assert items["id"].tolist() == snapshot.items["id"].to_pylist()
        assert snapshot.to_pandas("users")["count"].tolist() == snapshot.users["count"].to_pylist()
        pairs = snapshot.to_pandas("histories")
        assert len(pairs) == len(snapshot.histories.item)
        for user, of_user in pairs.groupby("user"):
            assert of_user["item"].tolist() == snapshot.history(user)["item"].to_pylist()
        assert snapshot.similar("Rhiannon", k=3).to_pandas()["rank"].tolist() == [1, 2, 3]
        with pytest.raises(segue.BadUsage, match="wanted items, users"):
            snapshot.to_pandas("recipes")


def test_similar_and_user_vectors_are_what_was_answered_then(golden: Path, answers: dict[str, Any]) -> None:
    asked = 0
    for question in answers["questions"]:
        command, *args = question["args"]
        reference = args[-1]
        [answer] = question["answers"][:1]
        with segue.open(golden, reference if command in ("similar", "user-vector") else None) as snapshot:
            if command == "similar":
                options = dict(zip(args[-4::2], args[-3::2])) if "-k" in args else {}
                named = args[: args.index("--minus")] if "--minus" in args else args[:1]
                minus = args[args.index("--minus") + 1] if "--minus" in args else ()
                asked += 1
                if question["code"] != 0:
                    with pytest.raises(segue.SegueError) as caught:
                        snapshot.similar(named, minus=minus)
                    assert caught.value.code == answer["error"]["code"]
                    continue
                got = snapshot.similar(named, minus=minus, k=int(options["-k"]))
                assert got == answer["neighbours"]
                assert [list(one) for one in got] == [list(one) for one in answer["neighbours"]]
            elif command == "user-vector" and "--like" not in args:
                asked += 1
                if question["code"] != 0:
                    with pytest.raises(segue.MissingPart):
                        _ = snapshot.user_vectors
                    continue
                vector = snapshot.user_vectors[snapshot.user_row(args[0])]
                assert vector.tolist() == answer["vector"]
    assert asked == 24


def test_parts_that_are_not_there_are_missing(golden: Path) -> None:
    with segue.open(golden, "alone") as snapshot:
        for name in ("users", "user_vectors", "histories"):
            with pytest.raises(segue.MissingPart, match="made without users"):
                getattr(snapshot, name)
        for name in ("artists", "album_vectors"):
            with pytest.raises(segue.MissingPart, match="no vectors of kind"):
                getattr(snapshot, name)
    with segue.open(golden, "ease") as snapshot:
        for name in ("item_vectors", "user_vectors"):
            with pytest.raises(segue.MissingPart, match="ease, which has no vectors"):
                getattr(snapshot, name)
    with segue.open(golden, "popularity") as snapshot, pytest.raises(segue.MissingPart, match="no item is near"):
        snapshot.similar("Rhiannon")


def test_ids_are_text_also_where_they_are_digits(golden: Path) -> None:
    numbers: Any = (7, np.int64(7), [7])
    with segue.open(golden) as snapshot:
        for number in numbers:
            with pytest.raises(segue.BadUsage, match=r'7.* is a .*, and ids are text: "7"'):
                snapshot.similar(number)
        with pytest.raises(segue.BadUsage, match="ids are text"):
            snapshot.history(numbers[0])
        with pytest.raises(segue.BadUsage, match="ids are text"):
            snapshot.item_row(numbers[1])
