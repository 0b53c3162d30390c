"""Whatever the API server does, no verdict is given that a sound run would not give, and what was made goes again.

docs/api-fault-table.md has every check under every trouble; here are the quick ones, two troubles at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence

import pytest

from ai_conformance.lab.lab import Lab
from api_troubles import Outage, Trouble, is_honest, outages, troubles
from trouble_trial import Endured, endure

pytestmark = pytest.mark.lab

ALL = {one.name: one for one in (*troubles(), *outages()[:1])}
# With claims, pods, execs and watches both; those who stand in one lane take no accelerators from those in the other.
LANES: Sequence[tuple[tuple[str, ...], str]] = (
    (("dra_support", "secure_accelerator_access"), "dra"),
    (("secure_accelerator_access",), "device-plugin"),
)
BY_CLAIM = frozenset({"too-many-requests", "answer-lost", "answer-torn", "watch-gone", "unavailable"})


def lane_of(name: str) -> int:
    return 0 if name in BY_CLAIM or isinstance(ALL[name], Outage) else 1


@pytest.fixture(scope="module")
def endured(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Endured]:
    """What came of a run under each trouble. Who loses the server loses it for everybody: they come last."""

    async def in_turn(some: Sequence[Trouble | Outage], seen: dict[str, Endured]) -> None:
        for one in some:
            requirements, mechanism = LANES[lane_of(one.name)]
            options = ("--nodes-per-class", "1", "--allocation-mode", mechanism)
            folder = tmp_path_factory.mktemp(one.name)
            with contextlib.suppress(AssertionError):  # its own test tells
                seen[one.name] = await endure(lab, one, folder=folder, requirements=requirements, options=options)

    async def everything() -> dict[str, Endured]:
        seen: dict[str, Endured] = {}
        proxied = [one for one in ALL.values() if isinstance(one, Trouble)]
        lanes = [[one for one in proxied if lane_of(one.name) == lane] for lane in range(len(LANES))]
        await asyncio.gather(*(in_turn(some, seen) for some in lanes))
        await in_turn([one for one in ALL.values() if isinstance(one, Outage)], seen)
        return seen

    return asyncio.run(everything())


@pytest.mark.parametrize("name", ALL)
def test_no_verdict_is_made_up(endured: Mapping[str, Endured], name: str) -> None:
    trouble = ALL[name]
    assert name in endured, "what it left could not be cleaned"
    seen = endured[name]
    assert seen.struck > 0
    # A run that did not get as far as its verdicts would show nothing.
    assert set(seen.said) == set(LANES[lane_of(name)][0]), seen.output
    for said in seen.said.values():
        if trouble.bearable:
            assert said.verdict == "PASS", said
        assert is_honest(trouble, sound="PASS", verdict=said.verdict, reason=said.reason), said
