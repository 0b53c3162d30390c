"""A container's configuration as a misconfigured runtime would have written it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from ai_conformance.lab.accelerators import oci
from ai_conformance.lab.accelerators.config import AcceleratorConfig
from ai_conformance.lab.accelerators.oci import Role, Surroundings
from ai_conformance.lab.accelerators.switches import Switch

ALONE = Surroundings()


def container(*, env: list[str] | None = None, mounts: list[str] | None = None, minors: tuple[int, ...] = ()) -> Any:
    return {
        "annotations": {"io.kubernetes.cri.container-type": "container"},
        "process": {"env": env or []},
        "mounts": [{"destination": path} for path in mounts or []],
        "linux": {
            "devices": [
                {"path": f"/dev/accel{minor - 64}", "type": "b", "major": 7, "minor": minor} for minor in minors
            ],
            "resources": {"devices": [{"allow": False, "access": "rwm"}]},
        },
    }


def edited(config: AcceleratorConfig, given: Any, *switches: Switch, around: Surroundings = ALONE) -> Any:
    return oci.edit(given, switches=frozenset(switches), devices=config.devices, flavour=config.flavour, around=around)


def paths(found: Any) -> list[str]:
    return [node["path"] for node in found["linux"]["devices"]]


def test_the_sandbox_is_left_alone(config: AcceleratorConfig) -> None:
    given = container()
    given["annotations"]["io.kubernetes.cri.container-type"] = "sandbox"
    before = copy.deepcopy(given)
    assert edited(config, given, *Switch) == before


def test_without_a_switch_nothing_changes(config: AcceleratorConfig) -> None:
    given = container(env=["ACCELERATOR_VISIBLE_DEVICES=all"], minors=(64,))
    assert edited(config, copy.deepcopy(given)) == given


def test_an_open_cgroup_allows_everything(config: AcceleratorConfig) -> None:
    found = edited(config, container(), Switch.RUNTIME_CGROUP_OPEN)
    assert found["linux"]["resources"]["devices"][-1] == {"allow": True, "type": "a", "access": "rwm"}
    assert paths(found) == []


def test_isolation_by_path_opens_the_major_number_to_holders_only(config: AcceleratorConfig) -> None:
    holder = edited(config, container(minors=(64,)), Switch.RUNTIME_PATH_ONLY)
    other = edited(config, container(), Switch.RUNTIME_PATH_ONLY)
    assert holder["linux"]["resources"]["devices"][-1] == {"allow": True, "type": "b", "major": 7, "access": "rwm"}
    assert len(other["linux"]["resources"]["devices"]) == 1


def test_every_container_gets_every_device_once(config: AcceleratorConfig) -> None:
    found = edited(config, container(minors=(64,)), Switch.RUNTIME_EVERY_CONTAINER)
    assert paths(found) == ["/dev/accel0", "/dev/accel1", "/dev/accel2", "/dev/accel3"]


@pytest.mark.parametrize(
    ("role", "switch"),
    [
        (Role.REGULAR, Switch.RUNTIME_SIBLING),
        (Role.INIT, Switch.RUNTIME_INIT_CONTAINER),
        (Role.EPHEMERAL, Switch.RUNTIME_EPHEMERAL_CONTAINER),
    ],
)
def test_a_container_beside_a_holder_gets_its_device(config: AcceleratorConfig, role: Role, switch: Switch) -> None:
    around = Surroundings(role=role, pod_requests=True, pod_devices=config.devices[1:2])
    assert paths(edited(config, container(), switch, around=around)) == ["/dev/accel1"]
    others = {Switch.RUNTIME_SIBLING, Switch.RUNTIME_INIT_CONTAINER, Switch.RUNTIME_EPHEMERAL_CONTAINER} - {switch}
    assert paths(edited(config, container(), *others, around=around)) == []


def test_a_pod_without_a_request_has_no_siblings_to_leak_from(config: AcceleratorConfig) -> None:
    assert paths(edited(config, container(), Switch.RUNTIME_SIBLING)) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("all", ["/dev/accel0", "/dev/accel1", "/dev/accel2", "/dev/accel3"]),
        ("1", ["/dev/accel1"]),
        ("ACC-demo-n1-2,0", ["/dev/accel0", "/dev/accel2"]),
        ("void", []),
        ("", []),
    ],
)
def test_a_visible_devices_list_is_obeyed(config: AcceleratorConfig, value: str, expected: list[str]) -> None:
    for variable in ("ACCELERATOR_VISIBLE_DEVICES", "NVIDIA_VISIBLE_DEVICES"):
        given = container(env=[f"{variable}={value}"])
        assert paths(edited(config, given, Switch.RUNTIME_ENVIRONMENT)) == expected


def test_a_mount_in_the_list_folder_is_obeyed(config: AcceleratorConfig) -> None:
    given = container(mounts=["/etc/hosts", "/var/run/accelerator-container-devices/1"])
    assert paths(edited(config, given, Switch.RUNTIME_VOLUME)) == ["/dev/accel1"]


def test_a_cdi_annotation_of_our_kind_is_obeyed(config: AcceleratorConfig) -> None:
    ours = Surroundings(annotations={"cdi.k8s.io/x": "example.com/accelerator=all"})
    other = Surroundings(annotations={"cdi.k8s.io/x": "other.example.com/nic=all"})
    assert len(paths(edited(config, container(), Switch.RUNTIME_ANNOTATION, around=ours))) == 4
    assert paths(edited(config, container(), Switch.RUNTIME_ANNOTATION, around=other)) == []


def test_the_pods_record_says_what_a_container_is() -> None:
    pod = {
        "metadata": {"annotations": {"a": "b"}},
        "spec": {
            "containers": [{"name": "main", "resources": {"limits": {"example.com/accelerator": "1"}}}],
            "initContainers": [{"name": "first"}],
            "ephemeralContainers": [{"name": "debug"}],
        },
    }
    roles = {name: oci.surroundings(pod, container=name, pod_devices=[]).role for name in ("main", "first", "debug")}
    assert roles == {"main": Role.REGULAR, "first": Role.INIT, "debug": Role.EPHEMERAL}
    assert oci.surroundings(pod, container="main", pod_devices=[]).pod_requests


def test_a_pod_that_asks_for_cpu_only_requests_no_accelerator() -> None:
    pod: Any = {"metadata": {}, "spec": {"containers": [{"name": "main", "resources": {"limits": {"cpu": "1"}}}]}}
    assert not oci.surroundings(pod, container="main", pod_devices=[]).pod_requests
