"""Programs built from Go modules: the modules downloaded, then compiled, with word of how far it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ai_conformance.lab import commands
from ai_conformance.lab.errors import LabError

Progress = Callable[[str], object]

TIMEOUT_S = 3600
ATTEMPTS = 4
"""A module proxy may refuse a version at the first request and serve it at the next."""
REPORT_EVERY_S = 30.0
PARALLEL = "2"
"""Compilers at a time: the linker of a large program alone takes 3 GB."""
ENVIRONMENT = {"CGO_ENABLED": "0", "GOWORK": "off", "GOFLAGS": ""}


def available() -> bool:
    """Whether there is a Go."""
    return shutil.which("go") is not None


def download(module: Path, *, target: str, what: str) -> int:
    """Fetch what the package ``target`` is made of, checked against ``go.sum``; the number of packages that it has.

    Raises:
        LabError: something could not be had.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            listing = commands.run(
                ["go", "list", "-mod=readonly", "-deps", target],
                environment=ENVIRONMENT,
                folder=module,
                timeout_s=TIMEOUT_S,
            )
            return len(listing.split())
        except commands.CommandFailedError as error:
            if attempt == ATTEMPTS:
                raise LabError(
                    f"The Go modules of {what} could not be downloaded ({ATTEMPTS} attempts).",
                    remedy=f"Check the network and `go env GOPROXY`, then try again. Go said:\n{error.output}",
                ) from error
    raise AssertionError("the last attempt returns or raises")


def compile_program(
    module: Path, *, target: str, output: Path, what: str, progress: Progress, linker_flags: str = "-s -w"
) -> None:
    """Fetch and compile the package ``target`` of the module in the folder into the file ``output``.

    Every half minute ``progress`` hears how many of the packages that the program consists of are compiled; those that
    Go's own cache has count as compiled from the start.

    Raises:
        LabError: it could not be compiled, or not within an hour.
    """
    total = download(module, target=target, what=what)
    command = ["go", "build", "-v", "-mod=readonly", "-trimpath", "-p", PARALLEL, "-ldflags", linker_flags]
    # Go prints each package on its error stream when its turn has come, and nothing else where all goes well.
    with subprocess.Popen(
        [*command, "-o", str(output), target],
        cwd=module,
        env={**os.environ, **ENVIRONMENT},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as building:
        limit = threading.Timer(TIMEOUT_S, building.kill)
        limit.daemon = True
        limit.start()
        try:
            troubles = _follow(building, what=what, total=total, progress=progress)
        except BaseException:  # also an interrupt: the compiler must not go on without us; it is raised on
            building.kill()
            raise
        finally:
            building.wait()
            limit.cancel()
    if building.returncode != 0:
        raise LabError(
            f"The build of {what} failed with status {building.returncode}.",
            remedy="\n".join(troubles[-30:]) or f"Go said nothing; a build is killed after {TIMEOUT_S} s.",
        )


def _follow(building: subprocess.Popen[str], *, what: str, total: int, progress: Progress) -> list[str]:
    """Read what Go prints to its end: names of packages are counted, anything else is returned."""
    assert building.stderr is not None
    troubles: list[str] = []
    compiled, told = 0, time.monotonic()
    for line in building.stderr:
        text = line.rstrip()
        if " " in text or not text or text.startswith("#"):
            troubles.append(text)
            continue
        compiled += 1
        if time.monotonic() - told > REPORT_EVERY_S:
            told = time.monotonic()
            progress(f"{what}: {compiled} packages compiled, at most {total - compiled} to go")
    return troubles
