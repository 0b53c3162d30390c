"""Commands about a bundle, called as a user calls them, without a process of their own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from called import Call, calling
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

from ai_conformance.evidence.bundle import keys
from ai_conformance.model.verdicts import ExitCode
from samples import RUN


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls `ai-conformance bundle`."""
    return calling("bundle", capsys=capsys)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the user is, with a real run in results/mine and keys of two people."""
    shutil.copytree(RUN, tmp_path / "results" / "mine")
    for number, name in enumerate(("key", "other")):
        key = Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)
        written(tmp_path / f"{name}.pem", key)
        (tmp_path / f"{name}.pub.pem").write_bytes(keys.pem(key.public_key()))
    written(tmp_path / "locked.pem", Ed25519PrivateKey.from_private_bytes(bytes(32)), passphrase=b"open")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(path: Path, key: Ed25519PrivateKey, *, passphrase: bytes | None = None) -> None:
    encryption = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))


@pytest.fixture
def bundle(here: Path, call: Call) -> Path:
    assert call("create", "results/mine").code == ExitCode.OK
    return Path("results/mine.bundle.tar")
