"""Kubernetes' programs: built once from its Go modules as one binary under five names, or a user's official ones."""

from __future__ import annotations

import dataclasses
import importlib.resources
import json
import tempfile
import time
from pathlib import Path

from ai_conformance.lab import commands, go_build
from ai_conformance.lab.errors import LabUsageError
from ai_conformance.lab.files import building, locked, write_json
from ai_conformance.lab.options import LabOptions
from ai_conformance.lab.versions import KubernetesRelease, parse_version, release, release_of_binaries

COMPONENTS = ("kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubelet")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Binaries:
    """A folder that holds the five components under their names."""

    release: KubernetesRelease
    folder: Path


def cached(cache: Path, *, version: KubernetesRelease) -> bool:
    """Whether the components of this release are built."""
    return (cache / "kubernetes" / version.patch / "kubernetes").exists()


def ensure(cache: Path, *, options: LabOptions, progress: go_build.Progress) -> Binaries:
    """Give the components that ``options`` ask for, building them first where the cache lacks them.

    Raises:
        LabUsageError: an unknown version, or a folder of binaries that is not complete.
        LabError: the build failed.
    """
    if options.kubernetes_binaries is not None:
        return _official(options.kubernetes_binaries)
    wanted = release(options.kubernetes)
    folder = cache / "kubernetes" / wanted.patch
    with locked(cache / "kubernetes" / f".{wanted.patch}.lock"):
        if not cached(cache, version=wanted):
            with building(folder) as temporary:
                _build(temporary, wanted, progress=progress)
        for component in COMPONENTS:
            if not (folder / component).is_symlink():
                (folder / component).symlink_to("kubernetes")
    return Binaries(release=wanted, folder=folder)


def _official(folder: Path) -> Binaries:
    missing = [name for name in COMPONENTS if not (folder / name).is_file()]
    if missing:
        raise LabUsageError(
            f"--kubernetes-binaries {folder} lacks {', '.join(missing)}.",
            remedy="The folder has to hold the official server binaries of one version under their own names.",
        )
    version = parse_version(commands.run([str(folder / "kube-apiserver"), "--version"]))
    return Binaries(release=release_of_binaries(version), folder=folder.absolute())


def _build(folder: Path, wanted: KubernetesRelease, *, progress: go_build.Progress) -> None:
    started = time.monotonic()
    sources = importlib.resources.files("ai_conformance.lab") / "kubernetes"
    what = f"Kubernetes {wanted.patch}"
    with tempfile.TemporaryDirectory(prefix="build-", dir=folder) as name:
        module = Path(name)
        (module / "main.go").write_bytes((sources / "main.go").read_bytes())
        for file in ("go.mod", "go.sum"):
            (module / file).write_bytes((sources / wanted.minor / file).read_bytes())
        go_build.compile_program(
            module,
            target=".",
            output=folder / "kubernetes",
            what=what,
            progress=progress,
            linker_flags=linker_flags(wanted, module),
        )
    write_json(folder / "build.json", {"version": wanted.patch, "seconds": round(time.monotonic() - started, 1)})


def linker_flags(wanted: KubernetesRelease, module: Path) -> str:
    """Flags that write the version into the binary, which otherwise reports v0.0.0, from what the module says of
    itself."""
    listing = commands.run(
        ["go", "mod", "download", "-json", f"k8s.io/kubernetes@v{wanted.patch}"], folder=module, timeout_s=600
    )
    info = Path(json.loads(listing).get("Info", ""))
    facts = json.loads(info.read_text()) if info.is_file() else {}
    major, minor = wanted.minor.split(".")
    values = {
        "gitVersion": f"v{wanted.patch}",
        "gitMajor": major,
        "gitMinor": minor,
        "gitTreeState": "archive",
        "gitCommit": facts.get("Origin", {}).get("Hash", "unknown"),
        "buildDate": facts.get("Time", "1970-01-01T00:00:00Z"),
    }
    packages = ("k8s.io/component-base/version", "k8s.io/client-go/pkg/version")
    return " ".join(
        ["-s -w", *(f"-X {package}.{key}={value}" for package in packages for key, value in values.items())]
    )
