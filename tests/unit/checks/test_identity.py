"""Telling devices apart by what the catalog says of their vendor."""

from __future__ import annotations

import pytest

from ai_conformance.catalog import Identity, IdentityMethod, Tried, Vendor
from ai_conformance.checks import identity
from ai_conformance.checks.device_probe import Opened, SeenDevice
from ai_conformance.checks.identity import Agreement
from ai_conformance.checks.inventory import Device

FIRST_LINE = Identity(method=IdentityMethod.FIRST_LINE, attribute="uuid")
BY_NAME = Identity(method=IdentityMethod.PATH_INDEX)
BY_INDEX = Identity(method=IdentityMethod.PATH_INDEX, attribute="index")


def vendor(*methods: Identity) -> Vendor:
    return Vendor(
        name="v", title="V", device_globs=("/dev/acc[0-9]*",), identity=methods, source="test", tried=Tried.NONE
    )


def seen(path: str = "/dev/acc3", says: str = "") -> SeenDevice:
    return SeenDevice(path=path, kind="block special file", number="7:3", opened=Opened.OK, identity=says)


def device(name: str = "acc-3", **attributes: object) -> Device:
    qualified = {f"d.example.com/{key}": value for key, value in attributes.items()}
    return Device(name=name, driver="d.example.com", pool="n1", attributes=qualified, capacity={})


@pytest.mark.parametrize(
    ("methods", "saw", "record", "expected"),
    [
        ((FIRST_LINE,), seen(says="U-1"), device(uuid="U-1"), Agreement.AGREES),
        ((FIRST_LINE,), seen(says="U-2"), device(uuid="U-1"), Agreement.DIFFERS),
        ((FIRST_LINE,), seen(), device(uuid="U-1"), Agreement.UNKNOWN),
        ((FIRST_LINE,), seen(says="U-1"), device(), Agreement.UNKNOWN),
        ((BY_NAME,), seen(), device("acc-3"), Agreement.AGREES),
        ((BY_NAME,), seen(), device("acc-03"), Agreement.AGREES),
        ((BY_NAME,), seen(), device("acc-4"), Agreement.DIFFERS),
        ((BY_NAME,), seen("/dev/acc"), device("acc-4"), Agreement.UNKNOWN),
        ((BY_INDEX,), seen(), device("other", index=3), Agreement.AGREES),
        ((BY_INDEX,), seen(), device("other", index=0), Agreement.DIFFERS),
        ((BY_INDEX,), seen(), device("acc-3"), Agreement.UNKNOWN),
        ((), seen(), device(), Agreement.UNKNOWN),
        ((FIRST_LINE, BY_NAME), seen(), device("acc-3", uuid="U-1"), Agreement.AGREES),
        ((FIRST_LINE, BY_NAME), seen(says="U-2"), device("acc-3", uuid="U-1"), Agreement.DIFFERS),
    ],
)
def test_a_seen_device_is_compared_with_the_allocated_one(
    methods: tuple[Identity, ...], saw: SeenDevice, record: Device, expected: Agreement
) -> None:
    told = identity.compare(saw, device=record, vendor=vendor(*methods))
    assert identity.summary(told)[0] is expected


@pytest.mark.parametrize(
    ("saw", "identifier", "expected"),
    [
        (seen(says="GPU-1a"), "GPU-1a", Agreement.AGREES),
        (seen(says="GPU-1a"), "GPU-1a::2", Agreement.AGREES),
        (seen(says="GPU-1a"), "GPU-2b", Agreement.DIFFERS),
        (seen(), "acc3", Agreement.AGREES),
        (seen(), "acc1", Agreement.DIFFERS),
        (seen(), "GPU-8f1c2d3e-0000-0000-0000-000000000001", Agreement.UNKNOWN),
    ],
)
def test_a_seen_device_is_compared_with_a_device_plugins_identifier(
    saw: SeenDevice, identifier: str, expected: Agreement
) -> None:
    told = identity.compare_identifier(saw, identifier=identifier, vendor=vendor(FIRST_LINE, BY_NAME))
    assert identity.summary(told)[0] is expected


def test_the_words_name_the_method_and_both_sides() -> None:
    told = identity.compare(seen(says="U-2"), device=device(uuid="U-1"), vendor=vendor(FIRST_LINE))
    assert identity.summary(told)[1] == "first-line: U-2 in the container, but attribute uuid says U-1"
