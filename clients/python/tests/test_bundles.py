"""Several snapshots that were published together, and are read by name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from segue_process import run_segue

import segue


@pytest.fixture
def bundle(golden: Path) -> tuple[Path, str, dict[str, str]]:
    """A root, the id of the bundle that is current, and its members by name."""
    members = {"discover": "item2vec", "radio": "alone"}
    ids = {name: os.readlink(golden / "tags" / tag).split("/")[-1] for name, tag in members.items()}
    [published] = run_segue(golden, "publish", *(f"{name}={tag}" for name, tag in members.items()))
    return golden, published["published"], ids


def test_a_member_is_opened_by_name_and_the_first_without_one(bundle: tuple[Path, str, dict[str, str]]) -> None:
    root, id, ids = bundle
    assert segue.current_id(root) == id
    for as_, wanted in ((None, "discover"), ("discover", "discover"), ("radio", "radio")):
        with segue.open(root, as_=as_) as snapshot:
            assert (snapshot.id, snapshot.named) == (ids[wanted], id)
            assert snapshot.num_items > 0
    with segue.open(root, ids["radio"]) as snapshot:
        assert snapshot.named == snapshot.id


def test_a_name_that_is_not_there_is_refused(bundle: tuple[Path, str, dict[str, str]]) -> None:
    root, id, ids = bundle
    with pytest.raises(segue.BadUsage, match=f'bundle {id} has no "deep": it has discover, radio'):
        segue.open(root, as_="deep")
    with pytest.raises(segue.BadUsage, match='is no bundle, so there is no "radio" in it'):
        segue.open(root, ids["radio"], as_="radio")


def test_the_bundle_and_the_member_are_kept_while_it_is_open(bundle: tuple[Path, str, dict[str, str]]) -> None:
    root, id, ids = bundle
    for tag in (root / "tags").iterdir():
        tag.unlink()
    snapshot = segue.open(root, as_="radio")
    spare = [name for name in os.listdir(root / "snapshots") if name not in (id, *ids.values())]
    for other in spare[:2]:
        run_segue(root, "publish", other)
    [collected] = run_segue(root, "gc", "--keep", "0")
    why = {one["snapshot"]: one["why"] for one in collected["snapshots"]}
    assert why[id] == ["leased"]
    assert why[ids["discover"]] == [f"bundle:{id}"]
    snapshot.close()
    [collected] = run_segue(root, "gc", "--keep", "0")
    assert not (root / "snapshots" / id).exists()


def test_a_bundle_whose_manifest_was_changed_is_damaged(bundle: tuple[Path, str, dict[str, str]]) -> None:
    root, id, ids = bundle
    manifest = root / "snapshots" / id / "manifest.json"
    text = manifest.read_text()
    manifest.chmod(0o644)
    for changed in (text.replace(ids["radio"], ids["discover"]), text.replace('"radio"', '"discover"')):
        manifest.write_text(changed)
        with pytest.raises(segue.Damaged):
            segue.open(root, as_="radio")
