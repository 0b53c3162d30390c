"""An image with this interpreter in it: for programs of our own that users would run as pods.

The standard library, some installed packages and the shared libraries that they need are copied as they are; nothing is
fetched. The interpreter finds its library relative to its own place, so it can move to /usr/local.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import re
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from pathlib import Path

from ai_conformance.lab import images
from ai_conformance.lab.addons import libraries
from ai_conformance.lab.errors import LabError
from ai_conformance.lab.files import locked, write_atomically

FORMAT = "1"
"""Changes with what this module makes of the same sources."""
PYTHON = "/usr/local/bin/python3"
SITE = "usr/local/lib/site"
ENVIRONMENT = {"PYTHONPATH": f"/{SITE}", "PYTHONDONTWRITEBYTECODE": "1"}
"""For the container: images made here carry no variables but PATH."""
# What no program of ours needs, and what would draw in libraries of graphics, databases and terminals.
_LEFT_OUT = frozenset(
    {"test", "idlelib", "ensurepip", "tkinter", "turtledemo", "lib2to3", "site-packages", "__pycache__"}
)
_LEFT_OUT_FILES = re.compile(
    r"(_tkinter|_sqlite3|readline|_curses.*|_dbm|_gdbm|nis|_test.*|_crypt|_ctypes_test)\..*so|.*\.a"
)


def build(cache: Path, *, tag: str, distributions: Sequence[str], packages: Sequence[str]) -> Path:
    """The archive of the image, made first where the cache lacks it.

    ``distributions`` are installed Python distributions that are copied whole, ``packages`` names of import packages of
    our own. Raises LabError where one is not installed.
    """
    own = [entry for name in packages for entry in _package(name)]
    digest = hashlib.sha256(f"{FORMAT} {tag} {sys.version} {sys.base_prefix}".encode())
    for name in distributions:
        digest.update(f"{name} {_version(name)}\0".encode())
    for entry in own:
        digest.update(entry.path.encode() + b"\0" + (entry.content or b"") + b"\0")
    archive = cache / "addons" / "images" / f"python-{digest.hexdigest()[:12]}.tar"
    with locked(archive.with_suffix(".lock")):
        if not archive.exists():
            entries = (*contents(distributions), *own)
            made = images.Image(tag=tag, entries=entries, entrypoint=(PYTHON,))
            write_atomically(archive, images.docker_archive([made]))
    return archive


def contents(distributions: Sequence[str]) -> list[images.Entry]:
    """The interpreter, its standard library, these distributions, and the shared libraries that they need.

    Raises LabError where one is not installed.
    """
    files = {Path(PYTHON).relative_to("/"): Path(sys.executable).resolve(), **_standard_library()}
    for name in distributions:
        _version(name)
        files |= _distribution(name)
    return [
        images.Entry(path="etc"),
        images.Entry(path="etc/passwd", content=b"root:x:0:0:root:/:/none\n", mode=0o644),
        images.Entry(path="tmp", mode=0o1777),
        *(_entry(path, source) for path, source in files.items()),
        *libraries.needed_by(path for path in files.values() if _is_program(path)),
    ]


def _entry(path: Path, source: Path) -> images.Entry:
    return images.Entry(
        path=str(path), content=source.read_bytes(), mode=0o755 if source.stat().st_mode & 0o100 else 0o644
    )


def _is_program(path: Path) -> bool:
    return path == Path(sys.executable).resolve() or ".so" in path.name


def _standard_library() -> dict[Path, Path]:
    root = Path(sysconfig.get_path("stdlib"))
    target = Path(f"usr/local/lib/python{sys.version_info.major}.{sys.version_info.minor}")
    return {target / path.relative_to(root): path for path in _files(root)}


def _files(root: Path) -> Iterator[Path]:
    for path in sorted(root.iterdir()):
        if path.name in _LEFT_OUT or path.name.startswith("config-") or _LEFT_OUT_FILES.fullmatch(path.name):
            continue
        if path.is_dir():
            yield from _files(path)
        elif path.is_file():
            yield path


def _distribution(name: str) -> dict[Path, Path]:
    found: dict[Path, Path] = {}
    for file in importlib.metadata.distribution(name).files or ():
        source = Path(str(file.locate()))
        inside = ".." not in file.parts and "__pycache__" not in file.parts
        if inside and source.is_file():
            found[Path(SITE) / file] = source
    return found


def _version(name: str) -> str:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError as error:
        raise LabError(
            f"The Python package {name} is not installed.", remedy="Install kube-ai-conformance[lab] with its extras."
        ) from error


def _package(name: str) -> list[images.Entry]:
    """One import package without its sub-packages, beside the empty packages above it."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise LabError(f"There is no Python package {name}.", remedy="Install kube-ai-conformance anew.")
    folder = Path(found.origin).parent
    entries = []
    for path in sorted([*folder.glob("*.py"), *folder.glob("protos/*.proto")]):
        place = Path(SITE, *name.split(".")) / path.relative_to(folder)
        entries.append(images.Entry(path=str(place), content=path.read_bytes(), mode=0o644))
    return entries
