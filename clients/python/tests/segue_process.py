"""The segue that is built beside this client, as a process. The tests need no network."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

REPOSITORY = Path(__file__).resolve().parents[3]


class Command(NamedTuple):
    words: list[str]
    environment: dict[str, str]


def segue_command(root: Path, *args: str) -> Command:
    """``segue … --json``, with no settings of whoever runs the tests."""
    node = os.environ.get("NODE", "node")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("SEGUE_", "NODE_", "VITEST"))}
    return Command([node, str(REPOSITORY / "bin" / "run.js"), *args, "--root", str(root), "--json"], environment)


def run_segue(root: Path, *args: str, code: int = 0) -> list[Any]:
    """The documents that ``segue … --json`` prints, a line each; fails where it ends with another exit code."""
    words, environment = segue_command(root, *args)
    ended = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    assert ended.returncode == code, f"{args}: {ended.stdout}{ended.stderr}"
    return [json.loads(line) for line in ended.stdout.splitlines()]
