"""What a split, a stream and a route's status say; how answers are counted."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.checks.inference import judgements, tally
from ai_conformance.checks.inference.tally import Tally
from ai_conformance.kube.errors import MalformedResult

WEIGHTS = {"a": 80, "b": 20, "c": 0}


def split(**backends: int) -> list[str]:
    return judgements.split(Tally(backends=backends), weights=WEIGHTS)


def test_an_exact_split_is_as_good_as_a_random_one() -> None:
    assert split(a=400, b=100) == []
    assert split(a=376, b=124) == []


def test_a_sound_random_split_passes() -> None:
    chance = random.Random(7)
    for _ in range(200):
        got = Counter(chance.choices(["a", "b"], weights=[80, 20], k=500))
        assert split(**got) == []


@pytest.mark.parametrize(
    ("backends", "said"),
    [
        ({"a": 250, "b": 250}, "backend a got 250, expected 400 ± 36"),
        ({"a": 350, "b": 150}, "backend b got 150, expected 100 ± 36"),
        ({"a": 399, "b": 100, "c": 1}, "backend c has the weight 0 and got 1"),
        ({"a": 400, "b": 99, "x": 1}, "backend x, which the route does not name, got 1"),
        ({}, "no request was sent"),
    ],
)
def test_what_is_wrong_with_a_split_is_named(backends: dict[str, int], said: str) -> None:
    assert said in "; ".join(split(**backends))


def test_an_error_among_many_answers_is_no_sound_split() -> None:
    seen = Tally(backends={"a": 400, "b": 99}, statuses={503: 1})
    assert judgements.split(seen, weights=WEIGHTS) == ["1 of 500 requests reached no backend"]


SAID = """TALLY weights 400 backend a
TALLY weights 100 backend b
noise
TALLY other 6 status 404
TALLY other 1 stranger
TALLY other 1 trouble can't connect to remote host (10.0.0.1): Connection refused
"""


def test_answers_are_counted_by_label() -> None:
    found = tally.parse(SAID)
    assert found["weights"] == Tally(backends={"a": 400, "b": 100})
    other = found["other"]
    assert (other.total, other.answered, other.served) == (8, 7, 0)
    assert str(other) == (
        "HTTP 404: 6, answers of somebody else: 1, "
        "no answer (can't connect to remote host (10.0.0.1): Connection refused): 1"
    )
    assert str(Tally()) == "nothing"


@pytest.mark.parametrize("line", ["TALLY", "TALLY a", "TALLY a x backend b", "TALLY a 1 other"])
def test_a_line_that_is_no_tally_proves_nothing(line: str) -> None:
    if line == "TALLY":
        assert tally.parse(line) == {}
        return
    with pytest.raises(MalformedResult):
        tally.parse(line)


@given(st.text(max_size=100))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = tally.parse(f"TALLY {text}")
    except MalformedResult:
        return
    assert all(one.total >= 0 for one in found.values())


def test_all_of_one_kind() -> None:
    assert Tally(backends={"a": 8}).only("a")
    assert not Tally(backends={"a": 7, "b": 1}).only("a")
    assert not Tally(backends={"a": 7}, statuses={404: 1}).only("a")
    assert not Tally().only("a")
    assert Tally(statuses={404: 8}).refused(404)
    assert not Tally(statuses={404: 7}, strangers=1).refused(404)
    assert not Tally().refused(404)


def test_a_stream_is_read_by_the_time_of_its_events() -> None:
    text = "EVENT 10.00 data: 1\nEVENT 10.00 \nEVENT 10.41 data: 2\r\nEVENT 10.80 data: 3\n"
    assert tally.arrivals(text) == [0, 0.41, 0.8]
    assert tally.arrivals("") == []
    with pytest.raises(MalformedResult, match="out of order"):
        tally.arrivals("EVENT 10.00 data: 2\n")


@pytest.mark.parametrize(
    ("arrived", "said"),
    [
        ([0, 0.4, 0.8, 1.2, 1.6], ""),
        ([0, 0.1, 0.5, 0.9, 1.3], ""),
        ([0, 1.4, 2.8, 3.0, 3.4], ""),
        ([0, 0, 0, 0, 0.01], "all 5 events came within 0.01 s; they are sent over 1.60 s or longer"),
        ([0, 0.4, 0.8], "3 of 5 events arrived"),
        ([], "0 of 5 events arrived"),
    ],
)
def test_piecewise_is_what_comes_over_time(arrived: list[float], said: str) -> None:
    assert judgements.piecewise(arrived, events=5, apart_s=0.4) == said


def test_a_route_tells_of_each_gateway_by_itself() -> None:
    def part(name: str, status: str) -> dict[str, object]:
        accepted = {"type": "Accepted", "status": status, "reason": "Accepted", "observedGeneration": 2}
        return {"parentRef": {"name": name}, "conditions": [accepted]}

    route = {"status": {"parents": [part("other", "False"), part("inference", "True")]}}
    mine = judgements.parent(route, gateway="inference")
    assert judgements.state(mine, "Accepted") == "True"
    assert judgements.state(mine, "ResolvedRefs") == ""
    assert judgements.conditions(mine) == "Accepted=True Accepted (generation 2)"
    assert judgements.conditions(judgements.parent({}, gateway="inference")) == "no condition"
