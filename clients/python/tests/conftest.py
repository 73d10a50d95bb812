"""The golden snapshots, and what today's segue makes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from segue_process import REPOSITORY, run_segue

GOLDEN = REPOSITORY / "test" / "golden" / "v1"


@pytest.fixture
def golden(tmp_path: Path) -> Path:
    """A copy of the golden root, to be written to."""
    root = tmp_path / "root"
    shutil.copytree(GOLDEN / "root", root, symlinks=True)
    return root


@pytest.fixture(scope="session")
def answers() -> dict[str, Any]:
    """What the segue of the golden snapshots answered."""
    read: dict[str, Any] = json.loads((GOLDEN / "answers.json").read_text())
    return read


@pytest.fixture(scope="session")
def rock(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A root with what today's segue makes of the bundled plays: artists and albums too, published."""
    folder = tmp_path_factory.mktemp("rock")
    catalogue = (REPOSITORY / "examples" / "classic-rock" / "items.csv").read_text().splitlines()
    # An album for every other song, so that some have none.
    lines = [f"{catalogue[0]},album"]
    for at, line in enumerate(catalogue[1:]):
        lines.append(f"{line},Album {at % 40}" if at % 2 == 0 else f"{line},")
    items = folder / "items.csv"
    items.write_text("\n".join(lines) + "\n")
    plays = REPOSITORY / "examples" / "classic-rock" / "plays.csv.gz"
    options = ["--factors", "20", "--epochs", "3", "--threads", "1"]
    run_segue(folder / "root", "train", str(plays), "--items", str(items), *options)
    run_segue(folder / "root", "publish")
    return folder / "root"
