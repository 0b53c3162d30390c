"""The script that looks inside a container, run by this machine's shell, and the reading of its answer."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ai_conformance.checks import device_probe
from ai_conformance.checks.device_probe import Opened
from ai_conformance.kube.errors import MalformedResult


def run(script: str) -> str:
    return subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True).stdout


def test_a_device_node_is_seen_with_its_numbers_and_opened() -> None:
    seen = device_probe.parse(run(device_probe.scan(globs=["/dev/nul[l]"], control=[])))
    (device,) = seen.devices
    assert (device.path, device.physical, device.opened) == ("/dev/null", ("character", "1:3"), Opened.OK)
    assert device.is_device_node
    assert device.physical in seen.nodes


def test_control_nodes_do_not_count() -> None:
    seen = device_probe.parse(run(device_probe.scan(globs=["/dev/nul[l]", "/dev/zer[o]"], control=["/dev/z*"])))
    assert [device.path for device in seen.devices] == ["/dev/null"]


def test_a_glob_that_matches_nothing_shows_nothing() -> None:
    seen = device_probe.parse(run(device_probe.scan(globs=["/dev/no-such-accelerator[0-9]*"], control=[])))
    assert (seen.devices, str(seen)) == ((), "no accelerator")


def test_a_plain_file_is_no_device_node_whatever_it_says(tmp_path: Path) -> None:
    (tmp_path / "acc0").write_text("U-1\nmore\n")
    seen = device_probe.parse(run(device_probe.scan(globs=[f"{tmp_path}/acc[0-9]*"], control=[])))
    (device,) = seen.devices
    assert not device.is_device_node
    assert device.identity == "U-1"


def test_numbers_are_tried_and_what_came_of_it_is_told() -> None:
    script = device_probe.scan(globs=["/dev/nul[l]"], control=[], open_own=True, open_numbers=[("character", "1:5")])
    seen = device_probe.parse(run(script))
    assert [attempt.physical for attempt in seen.attempts] == [("character", "1:5"), ("character", "1:3")]
    attempt = seen.attempt(("character", "1:3"))
    assert attempt is not None
    # Who may not make nodes is told so by mknod; who may opens /dev/null.
    assert attempt.result is (Opened.OK if attempt.made else Opened.EPERM)


def test_one_container_opens_what_another_tells_it(tmp_path: Path) -> None:
    told = str(tmp_path / "told")
    hearing = subprocess.Popen(
        ["sh", "-c", device_probe.scan(globs=["/dev/no-such"], control=[], hear=told)],
        stdout=subprocess.PIPE,
        text=True,
    )
    teller = device_probe.parse(run(device_probe.scan(globs=["/dev/nul[l]", "/dev/zer[o]"], control=[], tell=told)))
    heard, _ = hearing.communicate(timeout=30)
    assert not teller.attempts
    attempts = device_probe.parse(heard).attempts
    assert [attempt.physical for attempt in attempts] == [device.physical for device in teller.devices]


def test_who_sees_nothing_tells_so(tmp_path: Path) -> None:
    told = str(tmp_path / "told")
    run(device_probe.scan(globs=["/dev/no-such"], control=[], tell=told))
    assert device_probe.parse(run(device_probe.scan(globs=["/dev/no-such"], control=[], hear=told))).attempts == ()


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("ok", Opened.OK),
        ("dd: can't open '/dev/x': Operation not permitted", Opened.EPERM),
        ("dd: failed to open '/dev/x': Permission denied", Opened.EACCES),
        ("dd: can't open '/dev/x': No such device or address", Opened.ENXIO),
        ("dd: can't open '/dev/x': No such file or directory", Opened.ENOENT),
        ("sh: dd: not found", Opened.OTHER),
    ],
)
def test_a_message_is_an_error_number(message: str, expected: Opened) -> None:
    assert device_probe.errno_of(message) is expected


WHOLE = run(device_probe.scan(globs=["/dev/nul[l]", "/dev/zer[o]"], control=[], open_numbers=[("block", "7:0")]))


@given(st.data())
def test_an_answer_that_was_cut_never_reads_as_one_that_shows_less(data: st.DataObject) -> None:
    lines = WHOLE.splitlines()
    start = data.draw(st.integers(0, len(lines)))
    end = data.draw(st.integers(start, len(lines)))
    if end - start == len(lines):
        assert len(device_probe.parse(WHOLE).devices) == 2
        return
    with pytest.raises(MalformedResult):
        device_probe.parse("\n".join(lines[start:end]))


def test_a_container_that_prints_more_answers_than_one_proves_nothing() -> None:
    with pytest.raises(MalformedResult):
        device_probe.parse(WHOLE + "RESULT: DEVICES=0\n")
