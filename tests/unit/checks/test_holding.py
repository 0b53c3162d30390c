"""Whether a pod holds the accelerator that it was granted, told from what its container sees."""

from __future__ import annotations

import dataclasses

import pytest

from ai_conformance.catalog import Identity, IdentityMethod, Tried, Vendor
from ai_conformance.checks import holding
from ai_conformance.checks.device_probe import Opened, Seen, SeenDevice
from ai_conformance.checks.inventory import Device

FIRST_LINE = Identity(method=IdentityMethod.FIRST_LINE, attribute="uuid")
VENDOR = Vendor(
    name="v", title="V", device_globs=("/dev/acc*",), identity=(FIRST_LINE,), source="test", tried=Tried.NONE
)
ONE = SeenDevice(path="/dev/acc0", kind="block special file", number="7:0", opened=Opened.OK, identity="U-0")
OTHER = dataclasses.replace(ONE, path="/dev/acc1", number="7:1", identity="U-1")
CLAIMED = Device(name="acc-0", driver="d.example.com", pool="n1", attributes={"d.example.com/uuid": "U-0"}, capacity={})


def seen(*devices: SeenDevice) -> Seen:
    return Seen(devices=devices, nodes=frozenset(), attempts=(), raw="")


@pytest.mark.parametrize(
    ("sees", "wrong"),
    [
        (seen(ONE), ""),
        (seen(), "was granted one accelerator and sees"),
        (seen(ONE, OTHER), "was granted one accelerator and sees"),
        (seen(dataclasses.replace(ONE, opened=Opened.EPERM)), "cannot use what it sees"),
        (seen(dataclasses.replace(ONE, kind="regular file")), "cannot use what it sees"),
    ],
)
def test_one_accelerator_that_can_be_opened_is_held(sees: Seen, wrong: str) -> None:
    found = holding.trouble(sees)
    assert wrong in found
    assert bool(found) == bool(wrong)


@pytest.mark.parametrize(
    ("sees", "device", "identifiers", "wrong"),
    [
        (ONE, CLAIMED, (), ""),
        (
            OTHER,
            CLAIMED,
            (),
            "was given another accelerator: first-line: U-1 in the container, but attribute uuid says U-0",
        ),
        (ONE, None, ("U-0",), ""),
        (OTHER, None, ("U-0",), "was given another accelerator: first-line: U-1 in the container, but the allocated"),
        (OTHER, None, (), ""),
        (dataclasses.replace(ONE, identity=""), CLAIMED, (), ""),
    ],
)
def test_another_accelerator_than_the_allocated_is_told_and_what_nothing_tells_is_no_reproach(
    sees: SeenDevice, device: Device | None, identifiers: tuple[str, ...], wrong: str
) -> None:
    found = holding.contradiction(seen(sees), device=device, identifiers=identifiers, vendor=VENDOR)
    assert wrong in found
    assert bool(found) == bool(wrong)


def test_the_kubelet_tells_what_it_gave_of_a_resource_and_shares_are_left_out() -> None:
    given = [
        {"name": "example.com/acc", "resources": [{"resourceID": "U-0::1"}, {"resourceID": "U-1"}]},
        {"name": "claim:other", "resources": [{"resourceID": "no"}]},
    ]
    pod = {"status": {"containerStatuses": [{"allocatedResourcesStatus": given}, {}]}}
    assert holding.identifiers(pod, resource="example.com/acc") == ["U-0", "U-1"]
    assert holding.identifiers({}, resource="example.com/acc") == []
