"""A small run's folder, and what is done to a bundle of it."""

from __future__ import annotations

import dataclasses
import io
import tarfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import sample_runs
from ai_conformance import __version__
from ai_conformance.evidence.bundle import layout, making, signing
from ai_conformance.model.records import RunRecord
from ai_conformance.reports import writer

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))


def a_record(record: RunRecord | None = None) -> RunRecord:
    """A sound run of this version."""
    return dataclasses.replace(record or sample_runs.sound_run(), tool_version=__version__)


def leave(folder: Path, record: RunRecord) -> Path:
    """The folder that a run leaves, with evidence and a journal."""
    writer.write_all(record, folder)
    case = folder / "evidence" / "secure_accelerator_access" / "PositiveAccessTest"
    case.mkdir(parents=True)
    (case / "pod.json").write_text('{"kind": "Pod"}\n')
    (case / "probe.log").write_text("RESULT: seen=1\n")
    (folder / "journal.jsonl").write_text('{"event": "RunStarted"}\n')
    (folder / "empty").write_text("")
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """The folder of a sound run."""
    return leave(tmp_path / "mine", a_record())


@pytest.fixture
def bundle(run: Path) -> Path:
    """That run, packed."""
    target = run.with_name("mine.bundle.tar")
    making.create(run, target, replace=False)
    return target


@pytest.fixture
def signed(bundle: Path) -> Path:
    """That bundle, signed with `KEY`."""
    signing.sign(bundle, KEY)
    return bundle


def members(data: bytes) -> list[tuple[str, bytes]]:
    """The files of a bundle, read by the library's own reader."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return [(one.name, archive.extractfile(one).read()) for one in archive]  # type: ignore[union-attr]


def packed(files: Iterable[tuple[str, bytes]]) -> bytes:
    """An archive of files in the form of a bundle, in the order given."""
    parts = [
        layout.header(path, size_bytes=len(data)) + data + bytes(layout.padding(len(data))) for path, data in files
    ]
    return b"".join((*parts, layout.END))
