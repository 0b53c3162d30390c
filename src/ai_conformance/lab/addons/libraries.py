"""The shared libraries of programs that go into an image: the host's own, as the host's loader finds them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from ai_conformance.lab import commands, images
from ai_conformance.lab.errors import LabError

_LIBRARY = re.compile(r"(?:\S+ => )?(/\S+) \(0x")


def needed_by(programs: Iterable[Path]) -> list[images.Entry]:
    """All that they need, under /usr/lib, where the loader looks by itself; the loader at its own place.

    Raises LabError where the host lacks a library, or the programs have no loader at all.
    """
    needed: dict[str, Path] = {}
    for program in programs:
        listing = commands.run(["ldd", str(program)])
        lacking = [line.split()[0] for line in listing.splitlines() if "not found" in line]
        if lacking:
            raise LabError(f"{program} needs {', '.join(lacking)}, which this host does not have.")
        needed |= {Path(path).name: Path(path) for path in _LIBRARY.findall(listing)}
    entries = [
        images.Entry(path=f"usr/lib/{name}", content=path.read_bytes())
        for name, path in needed.items()
        if not name.startswith("ld-linux")
    ]
    loaders = [path for name, path in needed.items() if name.startswith("ld-linux")]
    if not loaders:
        raise LabError("The programs of an image name no loader; is this a Linux with glibc?")
    # A program names its loader by its whole path.
    return entries + [images.Entry(path=str(path).lstrip("/"), content=path.read_bytes()) for path in loaders]
