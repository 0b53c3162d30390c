"""Long-lived processes: start them detached, know them again later, end exactly them.

Two records exist of each process. Its file under ``pids/`` names it, for people and for a restart; pid and start time
together are never reused. And its environment bears the lab's id, which children inherit: that is what ``down``
goes by, so
that it also finds a process whose starter was killed before it could write the file.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import select
import shutil
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ai_conformance.lab.errors import LabError
from ai_conformance.lab.files import read_json, write_json

LAB_ID = "AI_CONFORMANCE_LAB_ID"
STATE_FIELD = 0
START_TIME_FIELD = 19
"""Places in /proc/PID/stat after the parenthesised name, see proc_pid_stat(5)."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class ProcessRecord:
    """One component of a lab as it was started. ``node`` is None for what runs on the host."""

    component: str
    pid: int
    start_time_ticks: int
    command: tuple[str, ...]
    extra_args: tuple[str, ...] = ()
    environment: Mapping[str, str]
    node: str | None = None

    @property
    def running(self) -> bool:
        return start_time_ticks(self.pid) == self.start_time_ticks

    def save(self, folder: Path) -> None:
        write_json(record_file(folder, self.component), dataclasses.asdict(self))


def record_file(folder: Path, component: str) -> Path:
    return folder / f"{component}.json"


def load_record(file: Path) -> ProcessRecord:
    """Read one record back."""
    value = read_json(file)
    return ProcessRecord(
        component=value["component"],
        pid=value["pid"],
        start_time_ticks=value["start_time_ticks"],
        command=tuple(value["command"]),
        extra_args=tuple(value["extra_args"]),
        environment=value["environment"],
        node=value["node"],
    )


def load_records(folder: Path) -> list[ProcessRecord]:
    """All records below ``folder``, by component."""
    return [load_record(file) for file in sorted(folder.rglob("*.json")) if not file.name.startswith(".")]


def start_time_ticks(pid: int) -> int | None:
    """When the process started, in clock ticks since boot; None if it is gone or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[STATE_FIELD] in "ZX" else int(fields[START_TIME_FIELD])


def spawn(command: Sequence[str], *, environment: Mapping[str, str], log: Path) -> int:
    """Start a detached process in a session of its own, its output appended to ``log``; return its pid."""
    return _spawn(command, environment=environment, log=log, actions=())


def spawn_inside(command: Sequence[str], *, enter: Sequence[str], environment: Mapping[str, str], log: Path) -> int:
    """Start ``command`` through ``enter`` (nsenter, unshare), which forks, and return the pid of the command itself.

    The command is given a pipe as descriptor 3 and has to write to it when it has started. Its pid is in the host's
    numbering.

    Raises:
        LabError: ``enter`` or the command ended at once.
    """
    read_end, write_end = os.pipe()
    try:
        outer = _spawn(
            [*enter, *command], environment=environment, log=log, actions=[(os.POSIX_SPAWN_DUP2, write_end, 3)]
        )
    finally:
        os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        started = pipe.read(1)
    children = Path(f"/proc/{outer}/task/{outer}/children")
    pids = children.read_text().split() if started and children.exists() else []
    if not pids:
        raise LabError(f"{command[0]} did not start inside the node.", remedy=f"Its output is in {log}.")
    return int(pids[0])


def announced(command: Sequence[str]) -> list[str]:
    """Wrap a command so that it writes to descriptor 3 once it runs, as ``spawn_inside`` wants."""
    return ["sh", "-c", 'echo >&3; exec 3>&-; exec "$@"', "sh", *command]


def _spawn(
    command: Sequence[str], *, environment: Mapping[str, str], log: Path, actions: Sequence[tuple[int, int, int]]
) -> int:
    program = shutil.which(command[0], path=environment.get("PATH"))
    if program is None:
        raise LabError(f"There is no program {command[0]}.", remedy="`ai-conformance lab doctor` says what is missing.")
    log.parent.mkdir(parents=True, exist_ok=True)
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    return os.posix_spawn(
        program,
        list(command),
        dict(environment),
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(log), append, 0o644),
            (os.POSIX_SPAWN_DUP2, 1, 2),
            *actions,
        ],
        setsid=True,
    )


def kill(pids: Sequence[int], *, timeout_s: float, number: signal.Signals = signal.SIGKILL) -> list[int]:
    """Send a signal to all of them, wait until they are gone, return those that are not."""
    with contextlib.ExitStack() as stack:
        waiting: dict[int, int] = {}
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                descriptor = os.pidfd_open(pid)
                stack.callback(os.close, descriptor)
                waiting[descriptor] = pid
                signal.pidfd_send_signal(descriptor, number)
        deadline = time.monotonic() + timeout_s
        poller = select.poll()
        for descriptor in waiting:
            poller.register(descriptor, select.POLLIN)
        while waiting and (left_s := deadline - time.monotonic()) > 0:
            for descriptor, _event in poller.poll(left_s * 1000):
                poller.unregister(descriptor)
                _reap(waiting.pop(descriptor))
        return list(waiting.values())


def _reap(pid: int) -> None:
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def of_lab(lab_id: str) -> Iterator[int]:
    """Pids of all processes whose environment says that they belong to the lab, except zombies."""
    wanted = f"{LAB_ID}={lab_id}".encode()
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            environment = (entry / "environ").read_bytes()
        except (FileNotFoundError, ProcessLookupError, PermissionError):
            continue
        if wanted in environment.split(b"\0"):
            yield int(entry.name)


def memory_bytes(pid: int) -> tuple[int, int]:
    """Resident and proportional memory (shared pages divided by their users); zeros when the process is gone."""
    rss = pss = 0
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            key, _, rest = line.partition(":")
            if key == "Rss":
                rss = int(rest.split()[0]) * 1024
            elif key == "Pss":
                pss = int(rest.split()[0]) * 1024
    return rss, pss
