"""The series of the accelerator that a pod holds is told by the API first, by the exporter last."""

from __future__ import annotations

from typing import Any

from ai_conformance import catalog
from ai_conformance.checks.exporters import attribution
from ai_conformance.checks.exporters.pages import Readings
from ai_conformance.checks.inventory import Device, Mechanism, Supply

LAB = next(one for one in catalog.load().exporters if one.name == "lab-exporter")
SUPPLY = Supply(mechanism=Mechanism.DEVICE_PLUGIN, node="n1", name="example.com/accelerator", total=2, free=2)


def series(uuid: str, *, pod: str = "") -> Readings:
    return Readings(key=(uuid,), labels={"uuid": uuid, "device": "x", "namespace": "ns" if pod else "", "pod": pod})


def held(*, identifier: str = "") -> dict[str, Any]:
    given = [{"name": SUPPLY.name, "resources": [{"resourceID": identifier}]}] if identifier else []
    return {
        "metadata": {"namespace": "ns", "name": "loads"},
        "status": {"containerStatuses": [{"name": "load", "allocatedResourcesStatus": given}]},
    }


PAGE = {one.key: one for one in (series("A", pod="loads"), series("B"))}


def found(pod: dict[str, Any], *, device: Device | None = None) -> tuple[str | None, str]:
    one, told = attribution.of_pod(pod, device=device, supply=SUPPLY, pages=PAGE, exporter=LAB)
    return (None if one is None else one.name), told


def test_the_allocation_of_its_claim_outweighs_what_the_exporter_says() -> None:
    device = Device(name="d", driver="x", pool="p", attributes={"x/uuid": "B"}, capacity={})
    assert found(held(), device=device) == ("B", "its claim is allocated d")


def test_the_kubelets_record_outweighs_what_the_exporter_says() -> None:
    assert found(held(identifier="B::2")) == ("B", "the kubelet says it was given B")


def test_at_last_the_exporter_is_believed() -> None:
    assert found(held()) == ("A", "the exporter names it as the holder")


def test_nothing_is_guessed() -> None:
    pod = held()
    pod["metadata"]["name"] = "other"
    assert found(pod) == (None, "nothing tells which accelerator it holds")
