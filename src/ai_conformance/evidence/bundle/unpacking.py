"""Brings the run of a bundle back into a folder: verified first, whole or not at all, over nothing that is there."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from ai_conformance.evidence.bundle import archive, names, verifying
from ai_conformance.evidence.bundle.errors import Altered, Refused, Unreadable
from ai_conformance.model.verdicts import ExitCode


def unpack(bundle: Path, target: Path) -> int:
    """Put the run's files into a new or empty folder; how many there are.

    Raises Altered where the bundle is not what was packed, Unreadable where it cannot be told or the disk fails, and
    Refused where something is at the target.
    """
    report = verifying.verify(bundle)
    if report.code is not ExitCode.OK:
        kind = Altered if report.code is ExitCode.NOT_CONFORMANT else Unreadable
        raise kind(f"{bundle} is not what was packed: {report.findings[0]}")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        # Beside the target, so that it gets its name by a rename.
        temporary = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    except OSError as error:
        raise Unreadable(f"{target} cannot be made: {error.strerror}") from None
    try:
        files = _write(bundle, temporary)
        temporary.chmod(0o777 & ~_umask())
        temporary.rename(target)  # which takes the place of an empty folder, and of nothing else
    except OSError as error:
        _must_be_free(target)
        raise Unreadable(f"{target} was not written: {error.strerror}") from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return files


def _write(bundle: Path, folder: Path) -> int:
    files = 0
    with archive.opened(bundle) as found:
        # Verified: each path is one of `names`, so none leads out of the folder, and none is there twice.
        for path in found.contents().digests:
            if not path.startswith(names.RUN):
                continue
            place = folder / path.removeprefix(names.RUN)
            place.parent.mkdir(parents=True, exist_ok=True)
            with place.open("xb") as file:
                file.writelines(found.chunks(path))
            files += 1
    return files


def _must_be_free(target: Path) -> None:
    if os.path.lexists(target) and (target.is_symlink() or not target.is_dir() or any(target.iterdir())):
        raise Refused(f"{target} is there already and is no empty folder; name another one with --output")


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current
