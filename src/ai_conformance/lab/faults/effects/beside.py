"""Processes that a fault runs beside the lab's own: started once, marked as the lab's, ended with the fault."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from ai_conformance.lab.faults.model import FaultError, FaultyLab, faults_folder
from ai_conformance.lab.files import write_json
from ai_conformance.lab.processes import LAB_ID, kill, load_record, record_file, spawn, start_time_ticks
from ai_conformance.lab.waiting import ProcessEndedError, WaitTimeoutError, poll_until

_READY_S = 20
_END_S = 10
_COMPONENT = "kube-scheduler"
"""Any component of the lab: its record tells the lab's mark."""


def start(lab: FaultyLab, module: str) -> None:
    """Start ``ai_conformance.lab.faults.MODULE``, unless it runs; returns when it says that it is ready."""
    record = faults_folder(lab) / f"{module}.json"
    if _running(record):
        return
    record.write_text("{}")  # the process ends when this file goes, so it never outlives the lab
    command = [sys.executable, "-m", f"ai_conformance.lab.faults.{module}"]
    command += ["--kubeconfig", str(lab.kubeconfig), "--while", str(record)]
    log = faults_folder(lab) / f"{module}.log"
    log.unlink(missing_ok=True)
    pid = spawn(command, environment=_environment(lab), log=log)
    write_json(record, {"pid": pid, "start_time_ticks": start_time_ticks(pid)})
    try:
        poll_until(
            lambda: "ready" in log.read_text().split(),
            what=f"the {module}",
            timeout_s=_READY_S,
            processes=[pid],
        )
    except (ProcessEndedError, WaitTimeoutError) as error:
        raise FaultError(f"The {module} did not start.", remedy=f"See {log}.") from error


def stop(lab: FaultyLab, module: str) -> None:
    """End it."""
    record = faults_folder(lab) / f"{module}.json"
    if (pid := _running(record)) and kill([pid], timeout_s=_END_S):
        raise FaultError(f"The {module} (pid {pid}) does not end.")
    record.unlink(missing_ok=True)


def _environment(lab: FaultyLab) -> dict[str, str]:
    """Ours, with the mark by which `down` finds every process of a lab."""
    record = record_file(lab.state / "pids", _COMPONENT)
    marked = load_record(record).environment if record.exists() else {}
    return {**os.environ, **{name: value for name, value in marked.items() if name == LAB_ID}}


def _running(record: Path) -> int | None:
    """The recorded process's id, if it is still that process."""
    try:
        data = json.loads(record.read_text())
    except FileNotFoundError:
        return None
    if "pid" not in data or start_time_ticks(data["pid"]) != data["start_time_ticks"]:
        return None
    return int(data["pid"])
