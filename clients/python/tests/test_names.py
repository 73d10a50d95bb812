"""Looking up by name, as the command line does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from segue_process import run_segue

import segue
from segue._catalogue import Catalogue, find_entity
from segue._closest import fold


def catalogue(names: list[str], kind: str = "item", ids: list[str] | None = None) -> Catalogue:
    ids = [f"{kind}-{at}" for at in range(len(names))] if ids is None else ids
    return Catalogue(kind, pa.table({"id": ids, "count": pa.array([0] * len(names), pa.uint32()), "name": names}))


def test_a_name_is_found_in_other_letters_by_full_case_folding() -> None:
    found = catalogue(["Große Straße", "ÉTUDE", "İstanbul", "ﬁre"])
    for query, row in [("GROSSE STRASSE", 0), ("e\u0301tude", 1), ("i\u0307stanbul", 2), ("FIRE", 3)]:
        assert found.look_up(query) == row
    assert fold(fold("ǰ\u0345")) == fold("ǰ\u0345")


def test_an_id_goes_before_a_name_and_the_exact_name_before_others() -> None:
    found = catalogue(["B", "b", "a"], ids=["a", "x", "y"])
    assert (found.look_up("a"), found.look_up("name:a"), found.look_up("id:a")) == (0, 2, 0)
    assert (found.look_up("B"), found.look_up("b"), found.look_up("id:b")) == (0, 1, None)


def test_several_of_one_name_are_ambiguous() -> None:
    found = catalogue(["Hurt", "HURT", "hurt", "Hurts"])
    with pytest.raises(segue.ItemAmbiguous, match='"huRT" is the name of 3 items: item-0, item-1, item-2') as caught:
        found.look_up("huRT")
    assert caught.value.details["ids"] == ["item-0", "item-1", "item-2"]


def test_what_nothing_is_called_has_those_that_are_alike() -> None:
    with pytest.raises(segue.ItemNotFound, match="did you mean 'Plush'") as caught:
        catalogue(["Creep", "Plush"]).find("plsh")
    assert caught.value.details["closest"] == ["Plush"]
    with pytest.raises(segue.ItemNotFound, match=r'no item is called "zzz"$'):
        catalogue(["Creep"]).find("zzz")


def test_what_comes_closest_is_what_the_command_finds(rock: Path) -> None:
    queries = [
        "plsh",
        "zeppelin",
        "hotel",
        "eagels",
        "pour some sugar",
        "the",
        "4",
        "1983",
        "name:Rhianon",
        "Ü",
        "x" * 300,
    ]
    with segue.open(rock) as snapshot:
        for query, kind in [*((query, "item") for query in queries), ("fleetwod mac", "artist"), ("band", "artist")]:
            [said] = run_segue(rock, "similar", "--kind", kind, query, code=3)
            with pytest.raises(segue.ItemNotFound) as caught:
                snapshot.similar(query, kind=kind)
            closest = [item["name"] for item in said["error"]["details"]["closest"]]
            assert (query, kind, caught.value.details["closest"]) == (query, kind, closest)


def test_a_word_of_a_long_name_is_found_however_often_it_was_played() -> None:
    names = ["SkyDrift", "Syberia", "Skyborn", *(f"Game {at}" for at in range(20_000)), "The Elder Scrolls V Skyrim"]
    with pytest.raises(segue.ItemNotFound) as caught:
        catalogue(names).find("skyrim")
    assert caught.value.details["closest"][0] == "The Elder Scrolls V Skyrim"


def test_a_prefix_forces_a_kind_unless_it_is_an_id() -> None:
    of: dict[str, Any] = {
        "item": catalogue(["Heart", "odd"], ids=["h", "artist:Heart"]),
        "artist": catalogue(["Heart"], "artist", ids=["Heart"]),
    }
    assert find_entity("Heart", "item", of.__getitem__) == ("item", 0)
    assert find_entity("artist:Heart", "item", of.__getitem__) == ("item", 1)
    assert find_entity("artist:heart", "item", of.__getitem__) == ("artist", 0)
    assert find_entity("Heart", "artist", of.__getitem__) == ("artist", 0)
    assert find_entity("odd", "artist", of.__getitem__) == ("item", 1)


def test_a_record_leaves_out_empty_cells_and_the_rank_of_a_catalogue() -> None:
    table = pa.table(
        {"id": ["a"], "count": [1], "name": ["A"], "rank": ["first"], "year": pa.array([None], pa.int64())}
    )
    assert Catalogue("item", table).record(0) == {"id": "a", "name": "A"}
