"""What a container gets for an allocated device, on a sound node and with each of the driver's faults."""

from __future__ import annotations

from ai_conformance.lab.accelerators import cdi
from ai_conformance.lab.accelerators.config import AcceleratorConfig
from ai_conformance.lab.accelerators.flavours import Mechanism
from ai_conformance.lab.accelerators.grants import Grant, grants
from ai_conformance.lab.accelerators.switches import Switch


def granted(config: AcceleratorConfig, *switches: Switch, count: int = 1) -> list[Grant]:
    pool = config.devices_of(Mechanism.DRA)
    return grants(pool[:count], pool=pool, flavour=config.flavour, switches=frozenset(switches))


def paths_and_minors(found: list[Grant]) -> list[tuple[str, int]]:
    return [(grant.container_path, grant.device.minor) for grant in found]


def test_a_sound_driver_grants_the_allocated_device_alone(config: AcceleratorConfig) -> None:
    assert paths_and_minors(granted(config)) == [("/dev/accel0", 64)]
    assert granted(config)[0].permissions == "rw"


def test_the_wrong_device_is_the_next_one(config: AcceleratorConfig) -> None:
    assert paths_and_minors(granted(config, Switch.WRONG_DEVICE)) == [("/dev/accel1", 65)]


def test_the_last_device_is_followed_by_the_first(config: AcceleratorConfig) -> None:
    found = granted(config, Switch.WRONG_DEVICE, count=2)
    assert paths_and_minors(found) == [("/dev/accel1", 65), ("/dev/accel0", 64)]


def test_a_shared_device_is_behind_different_names(config: AcceleratorConfig) -> None:
    found = granted(config, Switch.SHARED_DEVICE, count=2)
    assert paths_and_minors(found) == [("/dev/accel0", 64), ("/dev/accel1", 64)]


def test_all_devices_are_those_of_the_mechanism(config: AcceleratorConfig) -> None:
    found = granted(config, Switch.ALL_DEVICES)
    assert paths_and_minors(found) == [("/dev/accel0", 64), ("/dev/accel1", 65)]


def test_a_plain_file_is_mounted_with_the_devices_content(config: AcceleratorConfig) -> None:
    (found,) = granted(config, Switch.PLAIN_FILE)
    assert found.host_path == found.device.backing
    assert found.cdi()["mounts"][0]["containerPath"] == "/dev/accel0"


def test_a_device_that_cannot_be_opened_may_only_be_made(config: AcceleratorConfig) -> None:
    (found,) = granted(config, Switch.NOT_OPENABLE)
    assert found.cdi()["deviceNodes"][0]["permissions"] == "m"


def test_the_specification_names_the_own_device_node(config: AcceleratorConfig) -> None:
    spec = cdi.specification(config.flavour, claim_uid="u", devices={"accelerator-0": granted(config)})
    (device,) = spec["devices"]
    (node,) = device["containerEdits"]["deviceNodes"]
    assert f"{spec['kind']}={device['name']}" == cdi.device_id(
        config.flavour, claim_uid="u", device_name="accelerator-0"
    )
    assert (node["hostPath"], node["major"], node["minor"], node["fileMode"]) == (
        str(config.devices[0].node),
        7,
        64,
        0o666,
    )


def test_a_specification_is_put_in_place_whole(config: AcceleratorConfig) -> None:
    path = cdi.spec_path(config.faults_dir, flavour=config.flavour, claim_uid="u")
    cdi.write(path, spec={"kind": "x"})
    assert [entry.name for entry in path.parent.iterdir()] == ["example.com-accelerator-u.json"]
