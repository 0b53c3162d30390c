import os
from pathlib import Path

import pytest

from ai_conformance.lab import cgroups, doctor, files, packages, versions, watches
from ai_conformance.lab.errors import LabError, LabUsageError

TARGETS = """http://mirror.example/debian bookworm main
http://mirror.example/debian bookworm-updates main
http://mirror.example/debian-security bookworm-security main
"""


def test_source_line_takes_the_hosts_own_mirror(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(packages, "KEYRING", tmp_path / "none")
    line = packages.source_line(TARGETS, own_suite="bookworm", suite="forky")
    assert line == "deb http://mirror.example/debian forky main"


def test_source_line_is_signed_where_there_is_a_keyring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keyring = tmp_path / "keyring.gpg"
    keyring.touch()
    monkeypatch.setattr(packages, "KEYRING", keyring)
    assert f"[signed-by={keyring}]" in packages.source_line(TARGETS, own_suite="bookworm", suite="forky")


def test_a_host_without_a_source_is_told_so() -> None:
    with pytest.raises(LabError, match="no source for trixie main"):
        packages.source_line(TARGETS, own_suite="trixie", suite="forky")


def test_own_suite_is_read_from_os_release() -> None:
    assert packages.own_suite('NAME="Debian"\nVERSION_CODENAME=bookworm\n') == "bookworm"


@pytest.mark.parametrize(("asked", "patch"), [("1.37", "1.37.2"), ("v1.37.2", "1.37.2"), ("1.36", "1.36.3")])
def test_versions_are_found_by_minor_and_by_patch(asked: str, patch: str) -> None:
    assert versions.release(asked).patch == patch


def test_an_unknown_version_gets_the_nearest_offered() -> None:
    with pytest.raises(LabUsageError, match=r"Did you mean 1\.37\.2"):
        versions.release("1.37.3")


def test_official_binaries_use_the_switches_of_their_minor() -> None:
    assert versions.release_of_binaries(versions.parse_version("Kubernetes v1.37.9")).patch == "1.37.9"
    with pytest.raises(LabUsageError, match=r"1\.30\.1"):
        versions.release_of_binaries("1.30.1")


def interrupted(target: Path) -> None:
    with files.building(target) as folder:
        (folder / "half").touch()
        raise KeyboardInterrupt


def test_an_interrupted_build_leaves_nothing_that_looks_complete(tmp_path: Path) -> None:
    target = tmp_path / "1.37.2"
    with pytest.raises(KeyboardInterrupt):
        interrupted(target)
    assert list(tmp_path.iterdir()) == []
    (tmp_path / ".building-1.37.2-killed").mkdir()
    with files.building(target) as folder:
        (folder / "whole").touch()
    assert [path.name for path in tmp_path.iterdir()] == ["1.37.2"]


def test_atomic_files_have_their_mode_from_the_start(tmp_path: Path) -> None:
    files.write_atomically(tmp_path / "key", "secret", mode=0o600)
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_version_1_control_groups_are_filled_and_removed(tmp_path: Path) -> None:
    for name in ("cpuset", "memory"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "cgroup.procs").touch()
    (tmp_path / "unified").mkdir()
    assert [path.name for path in cgroups.hierarchies(tmp_path)] == ["cpuset", "memory"]
    cgroups.create("lab", node="n1", root=tmp_path)
    assert (tmp_path / "memory/lab/n1").is_dir()
    cgroups.remove("lab", root=tmp_path)
    assert cgroups.left("lab", root=tmp_path) == []


def test_doctor_finds_missing_control_group_controllers(tmp_path: Path) -> None:
    (tmp_path / "cgroup.controllers").write_text("cpu memory\n")
    finding = doctor.control_groups(tmp_path)
    assert not finding.ok
    assert finding.found == "version 2, without cpuset, pids"
    assert finding.remedy


def test_doctor_accepts_version_1_with_all_controllers(tmp_path: Path) -> None:
    for name in doctor.V1_CONTROLLERS:
        (tmp_path / name).mkdir()
    assert doctor.control_groups(tmp_path) == doctor.Finding(name="control groups", ok=True, found="version 1")


def test_doctor_names_missing_capabilities(tmp_path: Path) -> None:
    status = tmp_path / "status"
    status.write_text("Name:\tx\nCapEff:\t0000000000001000\n")
    finding = doctor.capabilities(status)
    assert (finding.ok, finding.found) == (False, "without CAP_SYS_ADMIN")


def test_doctor_names_the_package_of_a_missing_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda name, path: None)
    finding = doctor.program("ip")
    assert (finding.ok, finding.remedy) == (False, "Install it: apt-get install iproute2")


def test_doctor_says_what_to_do_without_loop_devices(tmp_path: Path) -> None:
    assert doctor.loop_devices(tmp_path / "none").remedy == "Load the kernel module: modprobe loop"


def test_own_inotify_instances_are_counted(tmp_path: Path) -> None:
    folder = tmp_path / "17" / "fd"
    folder.mkdir(parents=True)
    (folder / "3").symlink_to("anon_inode:inotify")
    (folder / "4").symlink_to("/dev/null")
    assert watches.used(tmp_path) == (1 if os.geteuid() == 0 else 0)
