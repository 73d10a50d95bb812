"""What is not as segue wrote it is refused by name: newer, foreign, damaged, or planted."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any, Callable

import pytest
from segue_process import REPOSITORY, run_segue

import segue
from segue._files import SnapshotFiles
from segue._manifest import _Number, _printed, parse_manifest


def directory_of(root: Path, tag: str = "newer") -> Path:
    return root / "tags" / tag


def change_manifest(directory: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """As a later segue might write it: the checksum fits the change."""
    path = directory / "manifest.json"
    manifest = json.loads(path.read_text(), parse_float=_Number)
    change(manifest)
    del manifest["checksum"]
    manifest["checksum"] = hashlib.sha256(_printed(manifest, "", "").encode()).hexdigest()
    path.write_text(_printed(manifest, "  ", "\n") + "\n")


def test_the_same_manifests_are_read_as_segue_reads_them(golden: Path, rock: Path) -> None:
    paths = [*golden.glob("snapshots/*/manifest.json"), *rock.glob("snapshots/*/manifest.json")]
    assert len(paths) > 6
    for path in paths:
        assert parse_manifest(path.read_bytes(), "x") == json.loads(path.read_text())


def test_a_newer_format_is_refused_by_its_version(golden: Path) -> None:
    change_manifest(directory_of(golden), lambda manifest: manifest.update(formatVersion=5))
    with pytest.raises(segue.NewerFormat, match="has format version 5; this reader knows versions up to 4") as caught:
        segue.open(golden)
    assert (caught.value.code, caught.value.details["got"]) == ("newer-format", 5)
    run_segue(golden, "similar", "Rhiannon", code=4)


def test_new_keys_files_and_parts_are_left_alone(golden: Path) -> None:
    (directory_of(golden) / "covers").mkdir()
    (directory_of(golden) / "covers" / "a.bin").write_bytes(b"a")

    def change(manifest: dict[str, Any]) -> None:
        manifest["covers"] = {"of": 1}
        manifest["files"]["covers/a.bin"] = {"bytes": 1, "sha256": hashlib.sha256(b"a").hexdigest()}

    change_manifest(directory_of(golden), change)
    with segue.open(golden) as snapshot:
        snapshot.verify()
        assert snapshot.item_vectors.shape == (184, 8)


def test_a_scorer_of_a_later_segue_is_refused_where_it_counts(golden: Path) -> None:
    change_manifest(directory_of(golden), lambda manifest: manifest["model"].update(scorer="hyperbolic"))
    with segue.open(golden) as snapshot:
        assert snapshot.items.num_rows == 186
        with pytest.raises(segue.NewerFormat, match='scorer of its model is "hyperbolic"'):
            snapshot.similar("Rhiannon")


CHANGES: list[tuple[str, type[segue.SegueError], str]] = [
    ('"format": "segue-snapshot"|"format": "other"', segue.NotASnapshot, "its format is not"),
    ('"formatVersion": 1|"formatVersion": 0', segue.NotASnapshot, "its format version is 0"),
    ('"formatVersion": 1|"formatVersion": true', segue.NotASnapshot, "its format version is true"),
    ('"seed": 42|"seed": 43', segue.Damaged, "its checksum is"),
    ('"seed": 42|"seed":  42', segue.Damaged, "not in the form"),
    ('"seed": 42|"seed": NaN', segue.Damaged, "is not JSON"),
    ('"dim": 8|"dim": -8', segue.Damaged, '"model.dim" is -8, wanted a whole number'),
    ('"model/item.npy"|"../item.npy"', segue.Damaged, "wanted paths below the snapshot"),
    ("}\n}\n|}\n", segue.Damaged, "is not JSON"),
]


@pytest.mark.parametrize(("change", "error", "says"), CHANGES)
def test_a_changed_manifest_is_refused(golden: Path, change: str, error: type[segue.SegueError], says: str) -> None:
    path = directory_of(golden) / "manifest.json"
    before, after = change.split("|")
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after, 1))
    with pytest.raises(error, match=says):
        segue.open(golden)


def test_a_manifest_of_another_snapshot_is_refused(golden: Path) -> None:
    path = directory_of(golden) / "manifest.json"
    path.write_bytes((directory_of(golden, "alone") / "manifest.json").read_bytes())
    with pytest.raises(segue.Damaged, match=r"manifest\.json is that of"):
        segue.open(golden)


USES: dict[str, Callable[[segue.Snapshot], Any]] = {
    "model/item.npy": lambda snapshot: snapshot.similar("Rhiannon"),
    "model/item.arrow": lambda snapshot: snapshot.items,
    "users/users.npy": lambda snapshot: snapshot.user_vectors,
    "users/users.arrow": lambda snapshot: snapshot.user_row("someone-new"),
    "users/history/last.npy": lambda snapshot: snapshot.history("someone-new"),
}


@pytest.mark.parametrize("name", USES)
def test_a_flipped_bit_is_found_when_the_file_is_used(golden: Path, name: str) -> None:
    path = directory_of(golden) / name
    data = bytearray(path.read_bytes())
    data[-20] ^= 1
    path.write_bytes(data)
    with segue.open(golden) as snapshot:
        with pytest.raises(segue.Damaged) as caught:
            USES[name](snapshot)
        details = caught.value.details
        assert (details["file"], details["snapshot"]) == (name, snapshot.id)
        assert details["got"] == hashlib.sha256(data).hexdigest()
        assert details["wanted"] == snapshot.manifest["files"][name]["sha256"]
        with pytest.raises(segue.Damaged):
            snapshot.verify()


@pytest.mark.parametrize("what", ["cut", "missing", "link", "fifo", "directory"])
def test_what_is_no_file_of_its_size_is_found_when_the_snapshot_is_opened(golden: Path, what: str) -> None:
    path = directory_of(golden) / "users" / "store.mdb"
    moved = path.rename(golden / "moved")
    if what == "cut":
        path.write_bytes(moved.read_bytes()[:-1])
    elif what == "link":
        path.symlink_to(moved)
    elif what == "fifo":
        os.mkfifo(path)
    elif what == "directory":
        path.mkdir()
    with pytest.raises(segue.Damaged, match=r"users/store\.mdb (has 12287 bytes|is missing|is no regular file)"):
        segue.open(golden)


def test_a_file_of_another_shape_is_refused_though_its_sum_is_right(golden: Path) -> None:
    directory = directory_of(golden)
    wrong = (directory / "users" / "users.npy").read_bytes()
    (directory / "model" / "item.npy").write_bytes(wrong)
    (directory / "model" / "item.arrow").write_bytes(wrong)
    short = wrong[:-4]
    (directory / "users" / "users.npy").write_bytes(short)
    digest, shorter = ({"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()} for data in (wrong, short))
    files = {"model/item.npy": digest, "model/item.arrow": digest, "users/users.npy": shorter}
    change_manifest(directory, lambda manifest: manifest["files"].update(files))
    with segue.open(golden) as snapshot:
        with pytest.raises(segue.Damaged, match=r"item\.npy holds <f4 \(22, 8\), wanted <f4 \(184, 8\)"):
            _ = snapshot.item_vectors
        with pytest.raises(segue.Damaged, match=r"users\.npy has 828 bytes, its header wants 832"):
            _ = snapshot.user_vectors
        with pytest.raises(segue.Damaged, match=r"item\.arrow cannot be read as an Arrow file"):
            _ = snapshot.items


def test_a_stamp_of_segue_spares_the_sums_of_those_very_files(golden: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hashed: list[str] = []
    check = SnapshotFiles._check_sum

    def counted(self: Any, name: str, descriptor: int) -> None:
        hashed.append(name)
        check(self, name, descriptor)

    monkeypatch.setattr(SnapshotFiles, "_check_sum", counted)
    with segue.open(golden) as snapshot:
        _ = (snapshot.item_vectors, snapshot.item_vectors)
    assert hashed == ["model/item.npy"]
    run_segue(golden, "similar", "Rhiannon")
    with segue.open(golden) as snapshot:
        _ = (snapshot.item_vectors, snapshot.items)
    assert hashed == ["model/item.npy"]
    # Another file in its place is not vouched for.
    path = directory_of(golden) / "model" / "item.npy"
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(data)
    with segue.open(golden) as snapshot, segue.open(golden, verify=False) as unverified:
        _ = (snapshot.item_vectors, unverified.item_vectors)
    assert hashed == ["model/item.npy"] * 2


@pytest.mark.parametrize("target", ["../elsewhere", "snapshots/../0b8d47c636890489", "snapshots/ffffffffffffffff", ""])
def test_a_link_that_segue_did_not_make_leads_nowhere(golden: Path, target: str) -> None:
    link = golden / "current"
    link.unlink()
    if target == "":
        link.write_text("a file")
    else:
        link.symlink_to(target)
    with pytest.raises(segue.DamagedRoot, match="current"):
        segue.open(golden)


def test_a_directory_of_snapshots_that_is_a_link_is_refused(golden: Path) -> None:
    (golden / "snapshots").rename(golden / "elsewhere")
    (golden / "snapshots").symlink_to("elsewhere")
    with pytest.raises(segue.DamagedRoot, match="reached through a link"):
        segue.open(golden)


def test_what_is_not_there_is_not_found(golden: Path, tmp_path: Path) -> None:
    with pytest.raises(segue.SnapshotNotFound, match="nothing is published") as caught:
        segue.open(tmp_path / "nowhere")
    assert caught.value.details == {"snapshots": [], "tags": []}
    for reference in ("no-such-tag", "ffff", "f" * 16):
        with pytest.raises(segue.SnapshotNotFound, match=r"there are: 0b8d47c636890489, .*, popularity"):
            segue.open(golden, reference)
    (golden / "snapshots" / "0b8d000000000000").mkdir()
    with pytest.raises(segue.SnapshotNotFound, match=r"2 snapshots in .* begin with 0b8d"):
        segue.open(golden, "0b8d")
    for reference in ("", "UPPER", "../x", "previous", "none"):
        with pytest.raises(segue.BadUsage, match="cannot name a snapshot"):
            segue.open(golden, reference)


def test_every_error_has_a_code_that_segue_knows() -> None:
    source = (REPOSITORY / "src" / "core" / "errors.ts").read_text()
    errors = [one for one in vars(segue).values() if isinstance(one, type) and issubclass(one, segue.SegueError)]
    for error in errors:
        if error is not segue.SegueError:
            assert f"'{error.code}': exitCodes" in source or f"{error.code}: exitCodes" in source
