"""The examples of docs/reference/python.md, run as they are printed, one after the other."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from segue_process import REPOSITORY


def test_every_example_runs(
    rock: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("pandas")
    (tmp_path / ".segue").symlink_to(rock)
    monkeypatch.chdir(tmp_path)
    page = (REPOSITORY / "docs" / "reference" / "python.md").read_text()
    examples = re.findall(r"^```python\n(.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert len(examples) == 4
    names: dict[str, Any] = {}
    for example in examples:
        exec(compile(example, "docs/reference/python.md", "exec"), names)
    printed = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"1 .+ 0\.\d+", printed[0])
