"""The record in a run's folder, for commands that tell a finished run anew; no cluster is needed for it.

The folder may come from others (a bundle, an artifact of a pipeline): only a regular file of a sane size is read.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

from ai_conformance.model.records import RunRecord
from ai_conformance.reports import run_json, writer

MAX_BYTES: Final = 64 * 1024 * 1024
"""The record of a run of all checks on a lab has about 0.1 MB; one that is hundreds of times as long is a mistake."""


class NoRun(Exception):  # noqa: N818 - it says what the folder is
    """The folder holds no record that can be read; the message names the file, what is wrong, and what to do."""


def record_file(place: Path) -> Path:
    """The record's file of a run's folder, or the file itself where that was named."""
    return place if place.name == writer.RUN_JSON and not place.is_dir() else place / writer.RUN_JSON


def read(place: Path) -> RunRecord:
    """The record of a run, by its folder or by its ``run.json``. Raises `NoRun`."""
    path = record_file(place)
    try:
        return run_json.read_run(_bytes(path))
    except FileNotFoundError:
        raise NoRun(f"there is no {path}; name the folder that `ai-conformance run --output` wrote") from None
    except OSError as error:
        said = os.strerror(error.errno) if error.errno else str(error)
        raise NoRun(f"{path} cannot be read: {said.lower()}") from None
    except ValueError as error:
        raise NoRun(f"{path}: {error}") from None
    except run_json.UnreadableRun as error:
        raise NoRun(f"{path}: {error}") from None


def _bytes(path: Path) -> bytes:
    # O_NONBLOCK: a pipe of that name must not block for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("it is no regular file")
        data = stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES} bytes; is it a run's record?")
    return data
