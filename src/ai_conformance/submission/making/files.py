"""Files are written whole or not at all, and never over something else."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from ai_conformance.submission.errors import Refused, SubmissionError


def write(folder: Path, contents: Mapping[str, bytes], *, replace: bool = False) -> tuple[Path, ...]:
    """Write files into a folder (made if it is not there), all of them or none; gives those that changed.

    A file that is there with the same bytes stays. Another one is replaced only with `replace`. Raises Refused, and
    SubmissionError where the system does not let it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        changed = {name: data for name, data in contents.items() if _differs(folder / name, data, replace=replace)}
        temporary = {name: folder / f".{name}.{os.getpid()}.tmp" for name in changed}
        try:
            for name, path in temporary.items():
                path.write_bytes(changed[name])
            for name, path in temporary.items():
                path.replace(folder / name)
        finally:
            for path in temporary.values():
                path.unlink(missing_ok=True)
    except OSError as error:
        raise SubmissionError(f"nothing was written into {folder}: {error.strerror or error}") from None
    return tuple(folder / name for name in changed)


def _differs(path: Path, data: bytes, *, replace: bool) -> bool:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return True
    if not stat.S_ISREG(mode):
        raise Refused(f"{path} is no plain file; move it away")
    if path.read_bytes() == data:
        return False
    if not replace:
        raise Refused(f"{path} is there already and says something else; move it away, or replace it with --force")
    return True
