"""Recordings of runs on a lab, small and without traces of the machine, for tests of checks without a cluster.

    python tests/replay_samples.py results/mine gang_scheduling-sound

makes a sample of a run's folder: what tells one machine from another is taken out, and so is what no replay needs.
"""

from __future__ import annotations

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
}
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


def make(run: Path, name: str) -> Path:
    """The sample of a run."""
    target = FOLDER / name
    target.mkdir(parents=True, exist_ok=True)
    record = run_json.read_run((run / writer.RUN_JSON).read_bytes())
    (target / writer.RUN_JSON).write_bytes((run / writer.RUN_JSON).read_bytes())
    said = "".join(f"{line}\n" for line in _cleaned((run / RECORDING).read_text(encoding="utf-8").splitlines()))
    # No time and no name in it: the same run gives the same bytes.
    (target / f"{RECORDING}.gz").write_bytes(gzip.compress(said.encode(), 9, mtime=0))
    assert record.checks
    return target


def _cleaned(given: list[str]) -> Iterator[str]:
    unpacker = Unpacker()
    made: list[str] = []
    packer = Packer(lambda name, written: made.append(f'{{"part":"{name}","value":{written}}}'))
    for line in given:
        content: dict[str, Any] = json.loads(line)
        if "part" in content:
            unpacker.add(content["part"], content["value"])
            continue
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
    made = make(Path(sys.argv[1]), sys.argv[2])
    print(made, sum(one.stat().st_size for one in made.iterdir()), "bytes")
