"""The lab's exporter tells what its devices do, in the names that the catalog knows; its faults are seen as such."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace as Message

import pytest

from ai_conformance import catalog
from ai_conformance.checks.exporters import pages as read
from ai_conformance.lab.accelerators.config import AcceleratorConfig
from ai_conformance.lab.accelerators.devices import FakeDevice, identity
from ai_conformance.lab.accelerators.flavours import Mechanism, Vendor
from ai_conformance.lab.exporter import distortions, gauges, holders, pages
from ai_conformance.lab.exporter.distortions import Distortion
from ai_conformance.lab.exporter.gauges import Gauge, Reading
from ai_conformance.lab.exporter.holders import Holder
from ai_conformance.lab.exporter.pages import Page, Series

GIB = 1 << 30
KNOWN = {Vendor.LAB: "lab-exporter", Vendor.NVIDIA: "dcgm-exporter"}


def config(vendor: Vendor = Vendor.LAB) -> AcceleratorConfig:
    devices = tuple(
        FakeDevice(
            index=index,
            uuid=identity(lab="lab", node="n1", index=index, vendor=vendor),
            mechanism=Mechanism.DRA,
            node=Path("n"),
            backing=Path("b"),
            loop_number=64 + index,
            major=7,
            minor=64 + index,
        )
        for index in range(3)
    )
    here = Path("unused")
    return AcceleratorConfig(
        node="n1",
        node_index=0,
        server="https://unused",
        ca_file=here,
        certificate_file=here,
        key_file=here,
        vendor=vendor,
        mechanism=Mechanism.DRA,
        devices=devices,
        faults_dir=here,
    )


def reading(utilisation: float) -> Reading:
    return Reading(
        utilisation=utilisation,
        copy_utilisation=utilisation / 3,
        memory_used_bytes=GIB,
        memory_total_bytes=40 * GIB,
        temperature_c=40,
        power_w=100,
    )


def series(vendor: Vendor = Vendor.LAB) -> list[Series]:
    holder = Holder(namespace="ns", pod="p", container="c")
    return [
        Series(device=one, reading=reading(0.25 * one.index), holder=holder if one.index == 1 else None)
        for one in config(vendor).devices
    ]


@pytest.mark.parametrize("vendor", list(Vendor))
def test_a_page_is_read_by_what_the_catalog_says_of_its_exporter(vendor: Vendor) -> None:
    exporter = next(one for one in catalog.load().exporters if one.name == KNOWN[vendor])
    text = pages.render(Page(config(vendor), series(vendor))).decode()
    found = read.of_devices(read.parse(text), exporter=exporter)
    assert [key for (key,) in found] == [one.uuid for one in config(vendor).devices]
    second = list(found.values())[1]
    assert second.utilisation is not None
    assert second.temperature is not None
    assert second.power is not None
    assert second.utilisation.value == pytest.approx(0.25)
    assert second.memory_total_bytes == 40 * GIB
    assert (second.labels[exporter.holder.namespace], second.labels[exporter.holder.pod]) == ("ns", "p")


def counters(at_s: float, busy_ms: int, read_bytes: int = 0) -> gauges.Counters:
    return gauges.Counters(at_s=at_s, busy_ms=busy_ms, read_bytes=read_bytes)


def test_the_kernels_counters_are_read() -> None:
    text = "  10 0 2048 5 0 0 0 0 0 123 5 0 0 0 0 0 0\n"
    assert gauges.counters(text, at_s=1.0) == counters(1.0, 123, 2048 * 512)


def test_utilisation_is_the_share_of_the_last_second() -> None:
    gauge = Gauge(memory_bytes=40 * GIB)
    for step in range(9):  # busy for the first second, idle for the next
        gauge.add(counters(step * 0.25, min(step, 4) * 250))
    assert gauge.utilisation == 0.0
    for step in range(9, 11):
        gauge.add(counters(step * 0.25, 1000 + (step - 8) * 250))
    assert gauge.utilisation == pytest.approx(0.5)


def test_a_new_gauge_is_idle() -> None:
    gauge = Gauge(memory_bytes=40 * GIB)
    gauge.add(counters(0.0, 5000))
    assert gauge.utilisation == 0.0


def test_memory_grows_with_holders_and_with_what_was_read_and_never_beyond_the_whole() -> None:
    gauge = Gauge(memory_bytes=40 * GIB)
    gauge.add(counters(0.0, 0, 0))
    idle = gauge.reading(holders=0).memory_used_bytes
    assert gauge.reading(holders=2).memory_used_bytes == idle + 2 * gauges.CONTEXT_BYTES
    gauge.add(counters(1.0, 0, 1 << 20))
    assert gauge.reading(holders=0).memory_used_bytes == idle + (gauges.SCALE << 20)
    gauge.add(counters(2.0, 0, 1 << 50))
    assert gauge.reading(holders=0).memory_used_bytes < 40 * GIB


def test_temperature_follows_slowly_and_power_at_once() -> None:
    gauge = Gauge(memory_bytes=40 * GIB)
    for second in range(60):
        gauge.add(counters(float(second), second * 1000))
        if second == 2:
            assert gauge.reading(holders=0).temperature_c < 60
    warm = gauge.reading(holders=0)
    assert warm.temperature_c == pytest.approx(gauges.IDLE_C + gauges.SPAN_C, abs=0.5)
    assert warm.power_w == pytest.approx(gauges.IDLE_W + gauges.SPAN_W)


def test_holders_are_told_by_identifier_and_by_claim() -> None:
    facts = config()
    by_plugin = Message(
        name="c",
        devices=[Message(resource_name=facts.flavour.extended_resource, device_ids=[facts.devices[2].uuid])],
        dynamic_resources=[],
    )
    claimed = Message(driver_name=facts.flavour.driver, device_name=facts.flavour.device_name(0))
    by_claim = Message(name="c", devices=[], dynamic_resources=[Message(claim_resources=[claimed])])
    other = Message(name="c", devices=[Message(resource_name="other", device_ids=["x"])], dynamic_resources=[])
    pods = [
        Message(name=name, namespace="ns", containers=[one])
        for name, one in (("plugin", by_plugin), ("dra", by_claim), ("none", other))
    ]
    found = holders.assigned(Message(pod_resources=pods), config=facts)
    assert {index: [one.pod for one in held] for index, held in found.items()} == {2: ["plugin"], 0: ["dra"]}


def utilisations(*faults: Distortion) -> list[float]:
    return [one.reading.utilisation for one in distortions.distorted(series(), faults=frozenset(faults))]


def test_without_a_fault_nothing_is_distorted() -> None:
    assert utilisations() == [0.0, 0.25, 0.5]


def test_each_fault_distorts_in_its_way() -> None:
    assert utilisations(Distortion.WRONG_DEVICE) == [0.5, 0.0, 0.25]
    assert len(set(utilisations(Distortion.CONSTANTS))) == 1
    assert utilisations(Distortion.MISSING_DEVICE) == [0.0, 0.25]
    assert utilisations(Distortion.ALL_RISE) == [0.75, 0.75, 0.75]
    assert min(utilisations(Distortion.WRONG_UNIT)) > 100


def test_a_static_page_has_no_device() -> None:
    exporter = next(one for one in catalog.load().exporters if one.name == "lab-exporter")
    page = read.parse(pages.render(distortions.StaticPage()).decode())
    assert page
    assert read.of_devices(page, exporter=exporter) == {}


def test_faults_are_files_in_a_folder(tmp_path: Path) -> None:
    assert distortions.active(tmp_path / "missing") == frozenset()
    (tmp_path / Distortion.STALE.value).touch()
    (tmp_path / "something else").touch()
    assert distortions.active(tmp_path) == {Distortion.STALE}
