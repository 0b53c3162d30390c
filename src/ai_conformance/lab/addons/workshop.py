"""Where add-ons are built: Go programs from committed go.mod and go.sum, their manifests, images that hold one program.

Everything is cached by the content of what it is built from, so a second call finds it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import importlib.resources
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ai_conformance.lab import commands, go_build, images, packages
from ai_conformance.lab.errors import LabError
from ai_conformance.lab.files import locked, read_json, write_atomically, write_json

Object = dict[str, Any]
FORMAT = "2"
"""Changes with what this module makes of the same sources."""
NONROOT = "65532:65532"
"""As in the base images that most projects build on."""
SOURCES = (".mod", ".sum", ".go")


@dataclasses.dataclass(frozen=True, kw_only=True)
class GoModule:
    """A folder of package data with go.mod and go.sum, and Go files of our own where there are any."""

    package: str
    """``ai_conformance.lab.addons.jobset``."""
    folder: str = "."
    """Below the package, where it has several."""

    @property
    def files(self) -> dict[str, bytes]:
        """Its files by name."""
        root = importlib.resources.files(self.package) / self.folder
        return {entry.name: entry.read_bytes() for entry in root.iterdir() if entry.name.endswith(SOURCES)}

    @property
    def key(self) -> str:
        """Changes with any of its files."""
        digest = hashlib.sha256(FORMAT.encode())
        for name, content in sorted(self.files.items()):
            digest.update(name.encode() + b"\0" + content + b"\0")
        return f"{self.package.rpartition('.')[2]}-{digest.hexdigest()[:12]}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Workshop:
    """The cache, and who hears how far a build is."""

    cache: Path
    progress: go_build.Progress

    def program(self, module: GoModule, *, target: str, name: str, linker_flags: str = "-s -w") -> Path:
        """A program of the module: ``target`` is its import path, ``name`` the file's. Raises `LabError`."""
        path = self._folder(module) / name
        with self._working_on(module):
            if not path.exists():
                self.progress(f"building {name}")
                with self._checkout(module) as folder:
                    part = path.with_name(f".{name}.part")
                    part.parent.mkdir(parents=True, exist_ok=True)
                    go_build.compile_program(
                        Path(folder),
                        target=target,
                        output=part,
                        what=name,
                        progress=self.progress,
                        linker_flags=linker_flags,
                    )
                    part.rename(path)
        return path

    def kustomized(self, module: GoModule, *, source: str, path: str, name: str) -> list[Object]:
        """The objects of a kustomization inside a module of the cache (``source`` is that module's path).

        A ``path`` of several lines is a kustomization of our own, in which ``{module}`` stands for the module's folder.
        """
        return self._objects(module, name=name, read=lambda folder: self._kustomize(folder, source=source, path=path))

    def manifests(self, module: GoModule, *, source: str, patterns: Sequence[str], name: str) -> list[Object]:
        """The objects in files of a module (glob patterns below its folder)."""

        def read(folder: Path) -> str:
            root = module_folder(folder, source=source)
            files = [file for pattern in patterns for file in sorted(root.glob(pattern))]
            if not files:
                raise LabError(f"The module {source} has no {' or '.join(patterns)}.")
            return "\n---\n".join(file.read_text(encoding="utf-8") for file in files)

        return self._objects(module, name=name, read=read)

    def image(self, tag: str, program: Path, *, path: str = "manager", extra: Sequence[images.Entry] = ()) -> Path:
        """The archive of an image of one static program, which is its entry point."""
        # The program's folder is named by its sources, so the name tells the content.
        digest = hashlib.sha256(f"{FORMAT} {tag} {program} {path} {extra}".encode()).hexdigest()[:12]
        archive = self.cache / "addons" / "images" / f"{digest}.tar"
        with locked(archive.with_suffix(".lock")):
            if not archive.exists():
                entries = (
                    images.Entry(path="etc"),
                    images.Entry(path="etc/passwd", content=b"nobody:x:65534:65534:nobody:/tmp:/none\n", mode=0o644),
                    images.Entry(path="tmp", mode=0o1777),
                    images.Entry(path=path, content=program.read_bytes()),
                    *extra,
                )
                made = images.Image(tag=tag, entries=entries, entrypoint=(f"/{path}",), user=NONROOT)
                write_atomically(archive, images.docker_archive([made]))
        return archive

    def _folder(self, module: GoModule) -> Path:
        return self.cache / "addons" / module.key

    def _working_on(self, module: GoModule) -> Any:
        return locked(self.cache / "addons" / f".{module.key}.lock")

    def _checkout(self, module: GoModule) -> Any:
        made = tempfile.TemporaryDirectory(prefix=f"{module.key}-")
        for name, content in module.files.items():
            (Path(made.name) / name).write_bytes(content)
        return made

    def _objects(self, module: GoModule, *, name: str, read: Callable[[Path], str]) -> list[Object]:
        """YAML is slow to read and CRDs are long: what was read is kept as JSON."""
        file = self._folder(module) / f"{name}.json"
        with self._working_on(module):
            if not file.exists():
                with self._checkout(module) as folder:
                    documents = YAML(typ="safe").load_all(read(Path(folder)))
                    write_json(file, [document for document in documents if document])
        objects: list[Object] = read_json(file)
        return objects

    def _kustomize(self, folder: Path, *, source: str, path: str) -> str:
        kubectl = packages.ensure(self.cache).newer / "kubectl/usr/bin/kubectl"
        root = module_folder(folder, source=source)
        if "\n" not in path:
            return commands.run([str(kubectl), "kustomize", str(root / path)], timeout_s=120)
        relative = os.path.relpath(root.resolve(), folder.resolve())  # the only kind that a kustomization takes
        (folder / "kustomization.yaml").write_text(path.replace("{module}", relative), encoding="utf-8")
        return commands.run([str(kubectl), "kustomize", str(folder)], timeout_s=120)


def module_folder(checkout: Path, *, source: str) -> Path:
    """Where Go's module cache has a module that the go.mod of the folder requires."""
    listing = commands.run(
        ["go", "mod", "download", "-json", source + "@" + _version(checkout, source=source)],
        environment=go_build.ENVIRONMENT,
        folder=checkout,
        timeout_s=600,
    )
    return Path(json.loads(listing)["Dir"])


def _version(checkout: Path, *, source: str) -> str:
    required = json.loads(commands.run(["go", "mod", "edit", "-json"], folder=checkout))["Require"]
    return str(next(one["Version"] for one in required if one["Path"] == source))
