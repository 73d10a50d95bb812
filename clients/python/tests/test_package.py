"""``pip install ./clients/python``, of what is here already: nothing is fetched."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from segue_process import REPOSITORY


def test_it_installs_with_its_types(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    options = ["--quiet", "--no-index", "--no-build-isolation", "--no-deps", "--disable-pip-version-check"]
    target = ["--target", str(tmp_path), str(REPOSITORY / "clients" / "python")]
    subprocess.run([sys.executable, "-m", "pip", "install", *options, *target], check=True)
    assert (tmp_path / "segue" / "py.typed").exists()
    assert (tmp_path / "segue_client" / "py.typed").exists()
    # Without taking the interpreter down: where a thread of pyarrow still ends, that is sometimes aborted.
    program = "import os, segue, segue_client; print(segue.__file__, flush=True); os._exit(0)"
    environment = {"PYTHONPATH": str(tmp_path)}
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path, env=environment)
    assert ended.stdout.strip() == str(tmp_path / "segue" / "__init__.py")
