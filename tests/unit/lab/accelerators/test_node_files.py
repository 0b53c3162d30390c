"""The files between `up`, the node's processes and the faults: configuration, switches, wrapper, watched folders."""

from __future__ import annotations

import select
import subprocess
from pathlib import Path

import pytest

from ai_conformance.lab.accelerators import inotify, rpc, switches
from ai_conformance.lab.accelerators.config import AcceleratorConfig
from ai_conformance.lab.accelerators.flavours import Mechanism, Vendor, device_classes, flavour_of, node_labels
from ai_conformance.lab.accelerators.runtime import write_wrapper
from ai_conformance.lab.accelerators.switches import Switch


def test_a_configuration_is_read_as_it_was_written(config: AcceleratorConfig, tmp_path: Path) -> None:
    config.write(tmp_path / "accelerators.json")
    assert AcceleratorConfig.read(tmp_path / "accelerators.json") == config


def test_switches_are_files_that_come_and_go(tmp_path: Path) -> None:
    folder = tmp_path / "faults"
    assert switches.active(folder) == frozenset()
    both = frozenset({Switch.ALL_DEVICES, Switch.PREPARE_FAILS})
    switches.turn(folder, on=both)
    switches.turn(folder, off=frozenset({Switch.ALL_DEVICES}))
    assert switches.active(folder) == {Switch.PREPARE_FAILS}


def test_what_was_acknowledged_is_not_itself_a_switch(tmp_path: Path) -> None:
    folder = tmp_path / "faults"
    assert switches.acknowledged(folder) is None
    switches.turn(folder, on=frozenset({Switch.NOT_READY}))
    switches.acknowledge(folder, switches=switches.active(folder))
    assert switches.acknowledged(folder) == switches.active(folder) == {Switch.NOT_READY}


def test_the_runtimes_switches_have_the_prefix_that_the_wrapper_looks_for() -> None:
    runtime = {switch for switch in Switch if switch.name.startswith("RUNTIME_")}
    assert {switch for switch in Switch if switch.value.startswith(switches.RUNTIME_PREFIX)} == runtime


def run_wrapper(tmp_path: Path, *arguments: str) -> str:
    """The output of a wrapper in a folder with a space, whose runc and detour say that they were called."""
    folder = tmp_path / "a lab"
    folder.mkdir(exist_ok=True)
    for name in ("runc", "python"):
        program = folder / name
        program.write_text(f'#!/bin/sh\necho {name} "$@"\n')
        program.chmod(0o755)
    wrapper = folder / "wrapper"
    write_wrapper(
        wrapper,
        runc=folder / "runc",
        faults_dir=folder / "faults",
        config=folder / "accelerators.json",
        python=folder / "python",
    )
    return subprocess.run([wrapper, *arguments], check=True, capture_output=True, text=True).stdout


def test_a_sound_wrapper_is_runc(tmp_path: Path) -> None:
    assert run_wrapper(tmp_path, "create", "--bundle", "/b", "id") == "runc create --bundle /b id\n"


def test_a_driver_fault_does_not_concern_the_runtime(tmp_path: Path) -> None:
    switches.turn(tmp_path / "a lab" / "faults", on=frozenset({Switch.ALL_DEVICES}))
    assert run_wrapper(tmp_path, "create", "id") == "runc create id\n"


def test_a_runtime_fault_makes_a_detour_before_create_only(tmp_path: Path) -> None:
    switches.turn(tmp_path / "a lab" / "faults", on=frozenset({Switch.RUNTIME_CGROUP_OPEN}))
    first, second = run_wrapper(tmp_path, "--root", "/r", "create", "id").splitlines()
    assert first.startswith("python -m ai_conformance.lab.accelerators.oci --config ")
    assert first.endswith("-- --root /r create id")
    assert second == "runc --root /r create id"
    assert run_wrapper(tmp_path, "start", "id") == "runc start id\n"


def test_a_watched_folder_reports_what_appears_and_goes(tmp_path: Path) -> None:
    with inotify.Watch() as watch:
        watch.add(tmp_path)
        assert watch.read() == set()
        (tmp_path / "kubelet.sock").touch()
        assert select.select([watch], [], [], 5)[0] == [watch]
        assert watch.read() == {tmp_path / "kubelet.sock"}
        (tmp_path / "kubelet.sock").unlink()
        assert watch.read() == {tmp_path / "kubelet.sock"}


def test_a_folder_that_is_not_there_cannot_be_watched(tmp_path: Path) -> None:
    with inotify.Watch() as watch, pytest.raises(OSError, match="inotify_add_watch"):
        watch.add(tmp_path / "nowhere")


def test_the_messages_have_the_field_numbers_of_the_kubelets_api() -> None:
    dra = rpc.messages("dra")
    claim = dra.NodePrepareResourcesRequest(claims=[dra.Claim(namespace="a", uid="b", name="c")])
    assert claim.SerializeToString() == b"\n\x09\n\x01a\x12\x01b\x1a\x01c"


def test_a_resource_has_one_owner() -> None:
    for vendor in Vendor:
        flavour = flavour_of(vendor)
        (both,) = device_classes(vendor, mechanism=Mechanism.BOTH)
        (alone,) = device_classes(vendor, mechanism=Mechanism.DRA)
        assert both["spec"]["extendedResourceName"] != flavour.extended_resource
        assert alone["spec"]["extendedResourceName"] == flavour.extended_resource
        assert device_classes(vendor, mechanism=Mechanism.DEVICE_PLUGIN) == []


def test_two_nodes_are_two_classes_of_nodes() -> None:
    for vendor in Vendor:
        assert node_labels(vendor, node_index=0, count=4) != node_labels(vendor, node_index=1, count=4)
        assert flavour_of(vendor).model(0) == flavour_of(vendor).model(2)


def test_labels_are_valid_label_values() -> None:
    for vendor in Vendor:
        for value in node_labels(vendor, node_index=1, count=4).values():
            assert len(value) <= 63
            assert " " not in value
