"""Recordings of runs on a lab, small and without traces of the machine, for tests of checks without a cluster.

    python tests/replay_samples.py results/mine gang_scheduling sound

makes the sample ``gang_scheduling-sound`` of one check of a run's folder: what tells one machine from another is taken
out, and so is what the other checks of the run asked.
"""

from __future__ import annotations

import dataclasses
import gzip
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ai_conformance.kube.recording.parts import Packer, Unpacker, text
from ai_conformance.reports import run_json, writer

FOLDER = Path(__file__).parent / "samples" / "replays"
RECORDING = "recording.jsonl"
_OF_A_MACHINE = {
    "machineID": "machine",
    "systemUUID": "system",
    "bootID": "boot",
    "kernelVersion": "6.1.0",
    "osImage": "Linux",
    "reportingInstance": "here",
}
_OF_ALL = ("/version", "/api", "/apis")
"""Asked once for all checks, in the name of whichever came first."""
_PACKED = ("answer", "text", "object", "sent", "trouble")


def names() -> list[str]:
    """All samples."""
    return sorted(one.name for one in FOLDER.iterdir() if one.is_dir())


def lines(name: str) -> Iterator[str]:
    """The recording of a sample."""
    with gzip.open(FOLDER / name / f"{RECORDING}.gz", "rt", encoding="utf-8") as file:
        yield from file


def unpacked(name: str, folder: Path) -> Path:
    """A run's folder made of a sample: its record and its recording."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / writer.RUN_JSON).write_bytes((FOLDER / name / writer.RUN_JSON).read_bytes())
    (folder / RECORDING).write_text("".join(lines(name)), encoding="utf-8")
    return folder


def make(run: Path, requirement: str, way: str) -> Path:
    """The sample of one check of a run; ``way`` says how the platform was."""
    target = FOLDER / f"{requirement}-{way}"
    target.mkdir(parents=True, exist_ok=True)
    record = run_json.read_run((run / writer.RUN_JSON).read_bytes())
    only = tuple(one for one in record.checks if one.requirement == requirement)
    assert len(only) == 1, requirement
    command = tuple(one for one in record.command if not one.startswith("--output="))
    kept = dataclasses.replace(record, checks=only, command=command)
    (target / writer.RUN_JSON).write_text(run_json.run_text(kept), encoding="utf-8")
    given = (run / RECORDING).read_text(encoding="utf-8").splitlines()
    said = "".join(f"{line}\n" for line in _cleaned(given, requirement=requirement))
    # No time and no name in it: the same run gives the same bytes.
    (target / f"{RECORDING}.gz").write_bytes(gzip.compress(said.encode(), 9, mtime=0))
    return target


def _cleaned(given: list[str], *, requirement: str) -> Iterator[str]:
    unpacker = Unpacker()
    made: list[str] = []
    packer = Packer(lambda name, written: made.append(f'{{"part":"{name}","value":{written}}}'))
    others: set[int] = set()
    for line in given:
        content: dict[str, Any] = json.loads(line)
        if "part" in content:
            unpacker.add(content["part"], content["value"])
            continue
        if content.get("actor", "run") not in ("run", f"check/{requirement}") and content.get("path") not in _OF_ALL:
            others.add(content.get("watch", -1))
            continue
        if content.get("event", content.get("end", 0)) in others and not {"call", "watch"} & content.keys():
            continue
        if "run" in content:
            content["run"]["checks"] = [requirement]
        for key in _PACKED:
            if key in content:
                content[key] = packer.pack(_scrubbed(unpacker.unpack(content[key])))
        yield from made
        made.clear()
        yield text(content)


def _scrubbed(value: Any) -> Any:
    if isinstance(value, list):
        return [_scrubbed(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: _OF_A_MACHINE[key] if key in _OF_A_MACHINE and isinstance(item, str) else _scrubbed(item)
        for key, item in value.items()
    }


if __name__ == "__main__":
    sample = make(Path(sys.argv[1]), sys.argv[2], sys.argv[3])
    print(sample, sum(one.stat().st_size for one in sample.iterdir()), "bytes")
