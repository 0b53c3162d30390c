"""What pages have to say of an inventory, and what is wrong with them."""

from __future__ import annotations

import dataclasses

import pytest

from ai_conformance import catalog
from ai_conformance.checks.exporters import judgements
from ai_conformance.checks.exporters.judgements import Expected, Pages
from ai_conformance.checks.exporters.pages import Figure, Readings
from ai_conformance.checks.inventory import Device

LAB = next(one for one in catalog.load().exporters if one.name == "lab-exporter")
GIB = 1 << 30
NOW_S = 1_700_000_000.0


def device(index: int) -> Device:
    return Device(
        name=f"accelerator-{index}",
        driver="accelerator.example.com",
        pool="n1",
        attributes={"accelerator.example.com/uuid": f"U{index}"},
        capacity={"memory": "40Gi"},
    )


def reading(
    index: int,
    *,
    utilisation: float | None = 0.0,
    used: float = GIB,
    total: float = 40 * GIB,
    at_s: float | None = None,
) -> Readings:
    def figure(value: float) -> Figure:
        return Figure(metric="metric", value=value, raw=value, at_s=at_s)

    return Readings(
        key=(f"U{index}",),
        labels={"uuid": f"U{index}", "device": f"accelerator-{index}"},
        utilisation=None if utilisation is None else figure(utilisation),
        memory_used=figure(used),
        memory_total_bytes=total,
    )


def page(*readings: Readings) -> Pages:
    return {one.key: one for one in readings}


def test_every_device_of_the_inventory_has_to_be_there() -> None:
    expected = Expected(node="n1", devices=(device(0), device(1)), units=0)
    assert judgements.uncovered(expected, page(reading(0), reading(1)), exporter=LAB) == []
    wrong = judgements.uncovered(expected, page(reading(0), reading(7)), exporter=LAB)
    assert "accelerator-1 (U1)" in wrong[0]
    assert "accelerator-0" not in wrong[0]


def test_a_device_plugin_has_to_have_as_many_as_it_has_units() -> None:
    expected = Expected(node="n1", devices=(device(0),), units=2)
    assert judgements.uncovered(expected, page(*map(reading, range(3))), exporter=LAB) == []
    assert judgements.uncovered(expected, page(*map(reading, range(2))), exporter=LAB) == [
        "node n1 has 3 accelerators and series of 2: U0, U1"
    ]


def test_both_mechanisms_may_hand_out_the_same_hardware() -> None:
    expected = Expected(node="n1", devices=(device(0), device(1)), units=2)
    assert judgements.uncovered(expected, page(reading(0), reading(1)), exporter=LAB) == []


def test_no_series_at_all_is_said_so() -> None:
    wrong = judgements.uncovered(Expected(node="n1", devices=(), units=2), {}, exporter=LAB)
    assert wrong == ["node n1 has 2 accelerators and series of 0: none of a single accelerator"]


@pytest.mark.parametrize("value", [-0.01, 1.02, 24.0, float("nan")])
def test_utilisation_has_a_range(value: float) -> None:
    assert "which no utilisation can be" in judgements.utilisation(page(reading(0, utilisation=value)), now_s=NOW_S)[0]


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0, 1.005])
def test_utilisation_within_its_range_is_fine(value: float) -> None:
    assert judgements.utilisation(page(reading(0, utilisation=value)), now_s=NOW_S) == []


def test_a_sample_that_is_old_by_its_own_time_stamp_is_stale() -> None:
    fresh, old = reading(0, at_s=NOW_S - 10), reading(1, at_s=NOW_S - 301)
    assert judgements.utilisation(page(fresh, old), now_s=NOW_S) == [
        "metric of U1 is 301 s old, by its own time stamp",
    ]


def judged(one: Readings) -> list[str]:
    return judgements.memory(page(one), now_s=NOW_S, devices=[device(0)], exporter=LAB)


def test_memory_agrees_with_the_size_that_the_api_publishes() -> None:
    assert judged(reading(0, used=GIB, total=39.2 * GIB)) == []
    assert "40.0 GiB by the API" in judged(reading(0, used=0, total=40 * 1024))[0]


def test_no_more_memory_is_used_than_there_is() -> None:
    assert judged(reading(0, used=41 * GIB)) == ["U0 uses 41.0 GiB of 40.0 GiB"]


def test_optional_metrics_are_named_and_kept_within_what_is_possible() -> None:
    warm = dataclasses.replace(reading(0), temperature=Figure(metric="t", value=45, raw=45))
    hot = dataclasses.replace(reading(1), temperature=Figure(metric="t", value=4500, raw=4500))
    assert judgements.optional(page(warm)) == (["temperature (t) of 1"], [])
    assert judgements.optional(page(warm, hot))[1] == ["t of U1 is 4500, which no temperature can be"]
    assert judgements.optional(page(reading(0))) == ([], [])


def test_a_rise_is_known_only_where_both_sides_say_something() -> None:
    assert judgements.rise(reading(0), reading(0, utilisation=0.4)) == pytest.approx(0.4)
    assert judgements.rise(None, reading(0)) is None
    assert judgements.rise(reading(0), reading(0, utilisation=None)) is None
