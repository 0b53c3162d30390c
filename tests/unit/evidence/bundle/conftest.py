"""A small run's folder, and what is done to a bundle of it."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import tarfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

import sample_runs
from ai_conformance import __version__
from ai_conformance.evidence.bundle import adding, layout, making, names, signing, writing
from ai_conformance.evidence.bundle.keyless import signature
from ai_conformance.model.records import RunRecord
from ai_conformance.reports import writer
from little_sigstore import Deployment

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER_KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))

IDENTITY = "https://ci.example/acme/platform"
ISSUER = "https://ci.example"


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


@pytest.fixture
def deployment() -> Deployment:
    """A Sigstore of our own."""
    return Deployment()


@pytest.fixture
def keyless(bundle: Path, deployment: Deployment) -> Path:
    """That bundle, signed as `IDENTITY` by way of Sigstore."""
    added(bundle, deployment.signature(statement_of(bundle), identity=IDENTITY, issuer=ISSUER))
    return bundle


def statement_of(bundle: Path) -> bytes:
    """What is signed of a bundle."""
    return dict(members(bundle.read_bytes()))[names.STATEMENT]


def added(bundle: Path, data: bytes) -> str:
    """Add a Sigstore signature to a bundle; gives its path."""
    digest = hashlib.sha256(data).hexdigest()
    with adding.opened(bundle) as sound:
        sound.put(
            writing.of_bytes(names.of_sigstore(digest), data),
            writing.of_bytes(names.of_certificate(digest), signature.read(data).certificate),
        )
    return names.of_sigstore(digest)


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
