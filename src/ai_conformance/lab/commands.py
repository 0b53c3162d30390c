"""Short-lived host programs (``ip``, ``dpkg``, ``ctr``...): run, and say what they said when they fail."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from ai_conformance.lab.errors import LabError

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class CommandFailedError(LabError):
    """A program that the lab calls ended with an error; ``output`` is what it printed."""

    def __init__(self, what: str, *, output: str) -> None:
        super().__init__(what, remedy=output.strip())
        self.output = output


def run(
    command: Sequence[str],
    *,
    stdin: str = "",
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    timeout_s: float = 60,
) -> str:
    """Run a program to its end and return what it wrote to standard output.

    Raises:
        CommandFailedError: it ended with another status than 0, or ran longer than ``timeout_s``.
        LabError: there is no such program.
    """
    shown = " ".join(command[:4]) + (" ..." if len(command) > 4 else "")
    try:
        done = subprocess.run(
            list(command),
            input=stdin,
            env={**os.environ, "PATH": f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}", **(environment or {})},
            cwd=folder,
            timeout=timeout_s,
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError as error:
        raise LabError(
            f"There is no program {command[0]}.", remedy="`ai-conformance lab doctor` says what is missing."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise CommandFailedError(f"`{shown}` did not end within {timeout_s:.0f} s.", output="") from error
    if done.returncode != 0:
        raise CommandFailedError(f"`{shown}` ended with status {done.returncode}:", output=done.stderr or done.stdout)
    return done.stdout
