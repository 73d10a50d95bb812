"""The segue that is built beside this client, as a process. The tests need no network."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[3]


def run_segue(root: Path, *args: str, code: int = 0) -> list[Any]:
    """The documents that ``segue … --json`` prints, a line each; fails where it ends with another exit code."""
    node = os.environ.get("NODE", "node")
    command = [node, str(REPOSITORY / "bin" / "run.js"), *args, "--root", str(root), "--json"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("SEGUE_", "NODE_", "VITEST"))}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert ended.returncode == code, f"{args}: {ended.stdout}{ended.stderr}"
    return [json.loads(line) for line in ended.stdout.splitlines()]
