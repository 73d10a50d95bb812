"""What keeps a snapshot: beside the collector of segue, across forks and ends of processes, and in races."""

from __future__ import annotations

import gc
import json
import os
import pickle
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from segue_process import REPOSITORY, run_segue

import segue
from segue._lease import take_lease

SOURCE = REPOSITORY / "clients" / "python" / "src"


@pytest.fixture
def spare(golden: Path) -> tuple[Path, str]:
    """A root, and the id of a snapshot of it that the collector takes unless somebody reads it."""
    snapshot = os.readlink(golden / "tags" / "item2vec").split("/")[-1]
    shutil.rmtree(golden / "tags")
    return golden, snapshot


def why_kept(root: Path, snapshot: str) -> list[str]:
    """What the collector says of a snapshot after it went through the root; it takes what is spare."""
    [collected] = run_segue(root, "gc", "--keep", "0")
    [why] = [one["why"] for one in collected["snapshots"] if one["snapshot"] == snapshot]
    assert (root / "snapshots" / snapshot).exists() == (why != ["spare"])
    return list(why)


def test_an_open_snapshot_is_kept_and_a_closed_one_collected(spare: tuple[Path, str]) -> None:
    root, id = spare
    with segue.open(root, id) as snapshot:
        ids = snapshot.items["id"]
        assert why_kept(root, id) == ["leased"]
        # Of files that were not touched before.
        assert snapshot.item_vectors.shape == (184, 8)
        vectors = snapshot.user_vectors.copy()
    assert snapshot.closed
    assert why_kept(root, id) == ["spare"]
    # What was mapped stays.
    assert ids[0].as_py() == snapshot.items["id"][0].as_py()
    np.testing.assert_array_equal(vectors, snapshot.user_vectors)
    with pytest.raises(ValueError, match="is closed"):
        _ = snapshot.histories
    snapshot.close()
    with pytest.raises(segue.SnapshotNotFound):
        segue.open(root, id)


def test_one_that_nobody_refers_to_any_more_is_given_back(spare: tuple[Path, str]) -> None:
    root, id = spare
    snapshot = segue.open(root, id)
    assert why_kept(root, id) == ["leased"]
    del snapshot
    gc.collect()
    assert why_kept(root, id) == ["spare"]


def test_opening_that_fails_keeps_nothing(spare: tuple[Path, str]) -> None:
    root, id = spare
    before = os.listdir("/dev/fd")
    (root / "snapshots" / id / "model" / "item.npy").unlink()
    with pytest.raises(segue.Damaged, match=r"item\.npy is missing"):
        segue.open(root, id)
    assert os.listdir("/dev/fd") == before


@pytest.fixture
def holder(spare: tuple[Path, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A process of its own that holds the spare snapshot."""
    program = "import segue, sys; s = segue.open(*sys.argv[1:]); print(s.id, flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", program, str(spare[0]), spare[1]]
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline().decode().strip() == spare[1]
        yield process
        process.kill()


def test_a_killed_process_keeps_nothing(spare: tuple[Path, str], holder: subprocess.Popen[bytes]) -> None:
    assert why_kept(*spare) == ["leased"]
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert why_kept(*spare) == ["spare"]


def test_parent_and_child_of_a_fork_each_close_their_own(spare: tuple[Path, str]) -> None:
    root, id = spare
    snapshot = segue.open(root, id)
    ready, begin = os.pipe()
    child = os.fork()
    if child == 0:
        # In the child: closes, and then waits, as a process that goes on would.
        snapshot.close()
        os.close(begin)
        os.read(ready, 1)
        os._exit(0)
    os.close(ready)
    try:
        assert why_kept(root, id) == ["leased"]
        held = os.fork()
        if held == 0:
            signal.pause()
            os._exit(0)
        snapshot.close()
        # The second child has the lease still.
        assert why_kept(root, id) == ["leased"]
        os.kill(held, signal.SIGKILL)
        os.waitpid(held, 0)
        assert why_kept(root, id) == ["spare"]
    finally:
        os.close(begin)
        os.waitpid(child, 0)


def test_a_program_that_is_started_does_not_inherit_it(spare: tuple[Path, str]) -> None:
    root, id = spare
    snapshot = segue.open(root, id)
    with subprocess.Popen(["sleep", "60"], close_fds=False) as process:
        snapshot.close()
        assert why_kept(root, id) == ["spare"]
        process.kill()


def test_a_snapshot_is_not_pickled(golden: Path) -> None:
    with segue.open(golden) as snapshot, pytest.raises(TypeError, match="open the snapshot in the process"):
        pickle.dumps(snapshot)


def test_one_that_is_collected_between_resolving_and_leasing_is_resolved_again(
    golden: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, other = (os.readlink(golden / "tags" / tag).split("/")[-1] for tag in ("newer", "indexed"))
    asked: list[str] = []

    def collect_first(directory: str) -> int | None:
        asked.append(Path(directory).name)
        if len(asked) == 1:
            # Published anew, and collected, just now.
            (golden / "current").unlink()
            (golden / "current").symlink_to(f"snapshots/{other}")
            shutil.rmtree(golden / "snapshots" / first)
        return take_lease(directory)

    monkeypatch.setattr("segue._root.take_lease", collect_first)
    with segue.open(golden) as snapshot:
        assert snapshot.id == other
    assert asked == [first, other]


def test_one_that_is_being_collected_is_tried_a_few_times(golden: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = 0

    def busy(directory: str) -> int | None:
        nonlocal tries
        tries += 1
        return None if tries < 4 else take_lease(directory)

    monkeypatch.setattr("segue._root.take_lease", busy)
    segue.open(golden).close()
    assert tries == 4
    tries = -100
    with pytest.raises(segue.Busy, match="try again"):
        segue.open(golden)
    assert tries == -90


def test_a_reader_beside_publishing_reads_one_snapshot(golden: Path) -> None:
    ids = [os.readlink(golden / "tags" / tag).split("/")[-1] for tag in ("alone", "newer")]
    with segue.open(golden) as snapshot:
        before = json.dumps(dict(snapshot.manifest))
        for id in ids:
            run_segue(golden, "publish", id)
            assert segue.current_id(golden) == id
            with segue.open(golden) as other:
                assert other.id == id
            assert json.dumps(dict(snapshot.manifest)) == before
            assert snapshot.user_vectors.shape[0] == 22
