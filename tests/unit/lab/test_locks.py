"""One command at a time changes a lab, and one that was killed does not keep the next from it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ai_conformance.lab.errors import LabError
from ai_conformance.lab.files import locked

HOLD = """
import pathlib, sys
from ai_conformance.lab.files import locked
with locked(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
# The holder's child keeps the lock's descriptor, as between a fork and the program that follows it.
LEAVE_TO_A_CHILD = """
import os, pathlib, sys
from ai_conformance.lab.files import locked
with locked(pathlib.Path(sys.argv[1])):
    if os.fork():
        os.kill(os.getpid(), 9)
    print("held", flush=True)
    sys.stdin.read()
"""


def started(code: str, path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_command_is_told_who_is_at_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with started(HOLD, path) as holder:
        with pytest.raises(LabError, match="somebody is working"), locked(path, busy="somebody is working"):
            pass
        holder.communicate()
    with locked(path, busy="somebody is working"):
        assert path.read_text() == str(os.getpid())


def test_a_killed_holders_child_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with started(LEAVE_TO_A_CHILD, path) as holder:
        assert holder.wait() == -signal.SIGKILL
        assert holder.stdin is not None
        waiter = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import pathlib, sys; from ai_conformance.lab.files import locked\n"
                "with locked(pathlib.Path(sys.argv[1]), busy='busy'): print('mine')",
                str(path),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        holder.stdin.close()
        assert waiter.communicate()[0] == "mine\n"
    assert waiter.returncode == 0
