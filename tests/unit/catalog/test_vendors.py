"""What the catalog says of a vendor is what the lab does in that vendor's dress; neither can drift from the other."""

from __future__ import annotations

import fnmatch

import pytest

from ai_conformance import catalog
from ai_conformance.checks import identity
from ai_conformance.checks.device_probe import Opened, SeenDevice
from ai_conformance.checks.inventory import Device
from ai_conformance.lab import images
from ai_conformance.lab.accelerators import flavours


@pytest.fixture(params=list(flavours.Vendor), ids=str)
def flavour(request: pytest.FixtureRequest) -> flavours.Flavour:
    return flavours.flavour_of(request.param)


@pytest.fixture
def vendor(flavour: flavours.Flavour) -> catalog.Vendor:
    return catalog.load().vendor(flavour.vendor.value)


def test_the_names_to_ask_by_are_known(vendor: catalog.Vendor, flavour: flavours.Flavour) -> None:
    assert flavour.driver in vendor.dra_drivers
    assert flavour.device_class in vendor.device_classes
    assert flavour.extended_resource in vendor.extended_resources


def test_a_device_is_found_by_its_path(vendor: catalog.Vendor, flavour: flavours.Flavour) -> None:
    assert any(fnmatch.fnmatch(flavour.path(0), glob) for glob in vendor.device_globs)
    assert not any(fnmatch.fnmatch(flavour.path(0), glob) for glob in vendor.control_globs)


def test_attributes_that_are_compared_are_published(vendor: catalog.Vendor, flavour: flavours.Flavour) -> None:
    published = flavour.device(index=3, uuid="u", node_index=0)["attributes"]
    compared = [method.attribute for method in vendor.identity if method.attribute]
    versions = [*vendor.driver_version_attributes, *vendor.runtime_version_attributes]
    assert {*compared, *versions} <= published.keys()


def test_labels_that_are_read_are_set(vendor: catalog.Vendor, flavour: flavours.Flavour) -> None:
    labels = vendor.node_labels
    wanted = {labels.presence, labels.product, labels.driver_version, labels.runtime_version}
    assert wanted <= flavours.node_labels(flavour.vendor, node_index=0, count=4).keys()


def test_the_ways_round_the_scheduler_are_those_that_the_lab_can_open(
    vendor: catalog.Vendor, flavour: flavours.Flavour
) -> None:
    assert flavour.visible_variable in vendor.bypass.environment
    assert [path.rpartition("/")[0] for path in vendor.bypass.volume_mounts] == [flavour.visible_mounts]


def test_every_vendor_can_be_asked_for_and_found() -> None:
    for one in catalog.load().vendors:
        assert one.extended_resources, one.name
        assert one.dra_drivers, one.name
        assert one.device_globs, one.name


def test_the_lab_has_the_images_under_their_public_names() -> None:
    facts = catalog.load()
    assert (facts.image("probe"), facts.image("pause")) == (images.PROBE, images.PAUSE)


@pytest.mark.parametrize(
    ("name", "agreement"),
    [
        ("gpu-1", identity.Agreement.AGREES),
        ("gpu-2", identity.Agreement.DIFFERS),
        ("gpu-1-mig-1g10gb-19-0", identity.Agreement.UNKNOWN),
    ],
)
def test_a_partition_is_not_mistaken_for_another_device(name: str, agreement: identity.Agreement) -> None:
    seen = SeenDevice(path="/dev/nvidia1", kind="character special file", number="c3:1", opened=Opened.OK, identity="")
    device = Device(name=name, driver="gpu.nvidia.com", pool="n1", attributes={}, capacity={})
    told = identity.compare(seen, device=device, vendor=catalog.load().vendor("nvidia"))
    assert identity.summary(told)[0] is agreement
