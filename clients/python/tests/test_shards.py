"""Snapshots of format version 3, whose users are in shards: the same as in one part, but for the order of users."""

from __future__ import annotations

import shutil
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from segue_process import REPOSITORY
from test_damage import change_manifest

import segue

TAGS = ["indexed", "newer", "item2vec", "ease", "popularity"]


@pytest.fixture
def sharded(tmp_path: Path) -> Path:
    """A copy of the golden root of version 3, to be written to: it holds the snapshots of version 1, by their ids."""
    root = tmp_path / "sharded"
    shutil.copytree(REPOSITORY / "test" / "golden" / "v3" / "root", root, symlinks=True)
    return root


@pytest.mark.parametrize("tag", TAGS)
def test_every_user_is_found_with_what_they_have_in_one_part(golden: Path, sharded: Path, tag: str) -> None:
    with segue.open(golden, tag) as whole, segue.open(sharded, tag) as snapshot:
        assert (snapshot.id, snapshot.manifest["formatVersion"]) == (whole.id, 3)
        snapshot.verify()
        assert len(snapshot.user_parts) == 4 and len(whole.user_parts) == 1
        users = whole.users["id"].to_pylist()
        assert sorted(snapshot.users["id"].to_pylist()) == sorted(users)
        for row, user in enumerate(users):
            other = snapshot.user_row(user)
            assert snapshot.users["count"][other] == whole.users["count"][row]
            assert snapshot.history(user).equals(whole.history(user))
            if snapshot.manifest["model"]["scorer"] == "inner-product":
                np.testing.assert_array_equal(snapshot.user_vectors[other], whole.user_vectors[row])
        with pytest.raises(segue.UserNotFound):
            snapshot.history("nobody-here")
        with pytest.raises(ValueError, match="read-only"):
            snapshot.histories.item[:1] = 0


def test_histories_of_all_are_those_of_each(golden: Path, sharded: Path) -> None:
    with segue.open(golden) as whole, segue.open(sharded) as snapshot:
        every = snapshot.histories
        assert every.indptr.dtype == np.uint64
        for row, user in enumerate(snapshot.users["id"].to_pylist()):
            wanted = whole.histories
            at = whole.user_row(user)
            for name in ("item", "weight", "count", "last", "flags"):
                got = getattr(every, name)[every.indptr[row] : every.indptr[row + 1]]
                np.testing.assert_array_equal(got, getattr(wanted, name)[wanted.indptr[at] : wanted.indptr[at + 1]])
        pytest.importorskip("pandas")
        frames = [
            each.to_pandas("histories").sort_values(["user", "item"], ignore_index=True) for each in (snapshot, whole)
        ]
        assert frames[0].equals(frames[1])


def test_the_shard_of_a_user_is_by_the_crc_of_their_id(sharded: Path) -> None:
    with segue.open(sharded) as snapshot:
        for at, part in enumerate(snapshot.user_parts):
            for row, user in enumerate(part.users["id"].to_pylist()):
                assert zlib.crc32(user.encode()) % 4 == at
                assert snapshot.user_row(user) == part.first + row
            assert part.vectors.shape == (part.num_rows, 8)
            assert len(part.histories.indptr) == part.num_rows + 1


def test_similar_items_are_the_same(golden: Path, sharded: Path) -> None:
    with segue.open(golden) as whole, segue.open(sharded) as snapshot:
        assert snapshot.similar("Rhiannon") == whole.similar("Rhiannon")


def first_shard_gone(manifest: Any) -> None:
    manifest["users"]["shards"].pop()


def digest_of_another(manifest: Any) -> None:
    shards = manifest["users"]["shards"]
    shards[0]["sha256"] = shards[1]["sha256"]


def file_beside(manifest: Any) -> None:
    manifest["files"]["users/users.npy"] = {"bytes": 1, "sha256": "0" * 64}


def a_user_more(manifest: Any) -> None:
    manifest["users"]["rows"] += 1


@pytest.mark.parametrize("change", [first_shard_gone, digest_of_another, file_beside, a_user_more])
def test_shards_that_are_not_those_of_the_files_are_damage(sharded: Path, change: Any) -> None:
    change_manifest((sharded / "current").resolve(), change)
    with pytest.raises(segue.Damaged, match="shard"):
        segue.open(sharded)


def test_a_shard_that_is_cut_is_named(sharded: Path) -> None:
    path = (sharded / "current").resolve() / "users" / "0002" / "history" / "item.npy"
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:-4])
    with pytest.raises(segue.Damaged, match=r"users/0002/history/item\.npy"):
        segue.open(sharded)
