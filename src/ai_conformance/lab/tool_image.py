"""This very tool as an image in a lab: the running interpreter, the installed packages, the sources as they are.

What a user makes of the Containerfile comes here from this machine, without a builder or a registry. It is made anew
each time: the sources change from one call to the next, and an archive of each would fill the cache.
"""

from __future__ import annotations

import concurrent.futures
import importlib.metadata
import re
import tempfile
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

import ai_conformance
from ai_conformance import __version__
from ai_conformance.lab import images, packages
from ai_conformance.lab.addons import python_image
from ai_conformance.lab.lab import Lab

DISTRIBUTION = "kube-ai-conformance"
TAG = f"localhost/ai-conformance:{__version__}"
_USER = "65532:65532"
"""As in the Containerfile."""
_BIN = "/usr/local/bin"
_LAUNCHER = f"#!{python_image.PYTHON}\nfrom ai_conformance.__main__ import main\n\nmain()\n"
_ENVIRONMENT = (
    ("PATH", f"{_BIN}:{images.PATH}"),
    ("PYTHONPATH", python_image.ENVIRONMENT["PYTHONPATH"]),
    # There is no bytecode in the image, and a probe that compiles anew each time would cost half a processor.
    ("PYTHONPYCACHEPREFIX", "/tmp/bytecode"),  # noqa: S108 - of the pod
    ("PYTHONUNBUFFERED", "1"),
)
_IMPORT_S = 300
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


def give(lab: Lab, *, cache: Path, tag: str = TAG) -> None:
    """Make the image and give it to every node of the lab. Raises `LabError`."""
    ctr = str(packages.ensure(cache).newer / "containerd/usr/bin/ctr")
    folder = cache / "images"
    folder.mkdir(parents=True, exist_ok=True)
    # In the cache, because the nodes see that folder and not each of the host's.
    with tempfile.NamedTemporaryFile(prefix=".tool-", suffix=".tar", dir=folder) as archive:
        archive.write(images.docker_archive([image(tag)]))
        archive.flush()
        command = [ctr, "-n", "k8s.io", "images", "import", archive.name]
        with concurrent.futures.ThreadPoolExecutor() as pool:
            list(pool.map(lambda node: node.run(command, timeout_s=_IMPORT_S), lab.nodes))


def image(tag: str) -> images.Image:
    """The image. Raises `LabError` where a package is not installed."""
    launcher = images.Entry(path=f"{_BIN}/ai-conformance".lstrip("/"), content=_LAUNCHER.encode())
    entries = (*python_image.contents(sorted(needed())), *_sources(), launcher)
    return images.Image(tag=tag, entries=entries, entrypoint=("ai-conformance",), user=_USER, environment=_ENVIRONMENT)


def needed() -> set[str]:
    """The distributions that a run needs: all that is required without an extra, as far as it is installed here."""
    found: set[str] = set()
    left = list(_required())
    while left:
        requirement, _, marker = left.pop().partition(";")
        name = _NAME.match(requirement)
        if name is None or "extra" in marker or _normal(name[0]) in found or not _installed(name[0]):
            continue
        found.add(_normal(name[0]))
        left += importlib.metadata.requires(name[0]) or ()
    return found


def _required() -> Sequence[str]:
    """What the tool itself requires: in a checkout what stands there, for the installed record of it may be older."""
    project = _root().parents[1] / "pyproject.toml"
    if project.is_file():
        listed: list[str] = tomllib.loads(project.read_text(encoding="utf-8"))["project"]["dependencies"]
        return listed
    return importlib.metadata.requires(DISTRIBUTION) or ()


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _installed(name: str) -> bool:
    """A requirement of another platform is not."""
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _root() -> Path:
    """The folder of this package."""
    return Path(ai_conformance.__file__).parent


def _sources() -> Iterator[images.Entry]:
    root = _root()
    for path in sorted(root.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            place = Path(python_image.SITE, root.name) / path.relative_to(root)
            yield images.Entry(path=str(place), content=path.read_bytes(), mode=0o644)
