import os
import signal
from pathlib import Path

import pytest

from ai_conformance.lab import processes
from ai_conformance.lab.errors import LabError
from ai_conformance.lab.waiting import ProcessEndedError, WaitTimeoutError, poll_until

LAB = "0123456789abcdef"
ENVIRONMENT = {"PATH": os.environ["PATH"], processes.LAB_ID: LAB}


def start(tmp_path: Path, *command: str) -> int:
    return processes.spawn(command, environment=ENVIRONMENT, log=tmp_path / "log")


def record(pid: int, *, started: int) -> processes.ProcessRecord:
    return processes.ProcessRecord(
        component="n1/kubelet", pid=pid, start_time_ticks=started, command=("sleep",), environment=ENVIRONMENT
    )


def test_a_process_is_found_by_its_environment_and_ended(tmp_path: Path) -> None:
    pid = start(tmp_path, "sleep", "60")
    assert pid in set(processes.of_lab(LAB))
    assert processes.kill([pid], timeout_s=5) == []
    assert pid not in set(processes.of_lab(LAB))
    assert processes.start_time_ticks(pid) is None


def test_a_reused_pid_is_not_taken_for_the_component() -> None:
    own = processes.start_time_ticks(os.getpid())
    assert own is not None
    assert record(os.getpid(), started=own).running
    assert not record(os.getpid(), started=own - 1).running


def test_records_are_read_back(tmp_path: Path) -> None:
    saved = record(1, started=2)
    saved.save(tmp_path)
    assert processes.load_records(tmp_path) == [saved]


def test_output_goes_to_the_log(tmp_path: Path) -> None:
    pid = start(tmp_path, "sh", "-c", "echo out; echo err >&2")
    with pytest.raises(ProcessEndedError):
        poll_until(lambda: None, what="nothing", timeout_s=5, processes=[pid])
    assert (tmp_path / "log").read_text() == "out\nerr\n"


def test_a_missing_program_is_named(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="no-such-program"):
        start(tmp_path, "no-such-program")


def test_a_wait_in_vain_says_for_what() -> None:
    with pytest.raises(WaitTimeoutError, match="the moon"):
        poll_until(lambda: None, what="the moon", timeout_s=0)


def test_killing_what_is_gone_is_no_error(tmp_path: Path) -> None:
    pid = start(tmp_path, "sleep", "60")
    assert processes.kill([pid, pid], timeout_s=5, number=signal.SIGTERM) == []
    assert processes.kill([pid], timeout_s=5) == []
