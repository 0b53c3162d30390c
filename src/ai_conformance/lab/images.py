"""Container images made here, without a registry or a builder: busybox as a probe, and a pause that reaps and ends
at once.

They are imported under the public names that checks use by default, so that one reference works in the lab and
elsewhere.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import platform
import tarfile
from collections.abc import Sequence
from pathlib import Path

from ai_conformance.lab import commands
from ai_conformance.lab.files import locked, write_atomically

PAUSE = "registry.k8s.io/pause:3.10.2"
PROBE = "registry.k8s.io/e2e-test-images/busybox:1.37.0-2"
"""Both as in Kubernetes 1.37's own table of test images."""
NOBODY = 65534
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}
PAUSE_COMMAND = ("/bin/sh", "-c", "trap 'exit 0' TERM INT; while :; do sleep 86400 & wait $!; done")
FORMAT = "1"
"""Changes with what this module writes, so that an old archive in the cache is not taken for a new one."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing in a layer: a file, or a link where ``target`` is set, or a folder where neither is."""

    path: str
    content: bytes | None = None
    target: str | None = None
    mode: int = 0o755


@dataclasses.dataclass(frozen=True, kw_only=True)
class Image:
    """An image of one layer."""

    tag: str
    entries: tuple[Entry, ...]
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    user: str = ""
    """``UID:GID``; empty is root."""
    environment: tuple[tuple[str, str], ...] = ()
    """Variables beside PATH, or PATH itself."""


PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def ensure(cache: Path, *, busybox: Path) -> Path:
    """Give the archive with both images, making it first where the cache lacks it."""
    digest = hashlib.sha256(busybox.read_bytes() + f"{PAUSE} {PROBE} {FORMAT}".encode()).hexdigest()[:12]
    archive = cache / "images" / f"{digest}.tar"
    with locked(cache / "images" / ".lock"):
        if not archive.exists():
            applets = commands.run([str(busybox), "--list"]).split()
            entries = root_entries(busybox.read_bytes(), applets=applets)
            pause = Image(tag=PAUSE, entries=entries, entrypoint=PAUSE_COMMAND)
            probe = Image(tag=PROBE, entries=entries, command=("sh",))
            write_atomically(archive, docker_archive([pause, probe]))
    return archive


def root_entries(busybox: bytes, *, applets: Sequence[str]) -> tuple[Entry, ...]:
    """A root file system of busybox under all its names, with users root and nobody and a /tmp for everyone."""
    folders = tuple(Entry(path=path) for path in ("bin", "etc", "root", "usr", "usr/bin"))
    links = tuple(Entry(path=f"bin/{name}", target="busybox") for name in applets if name != "busybox")
    users = f"root:x:0:0:root:/root:/bin/sh\nnobody:x:{NOBODY}:{NOBODY}:nobody:/tmp:/bin/sh\n"
    groups = f"root:x:0:\nnogroup:x:{NOBODY}:\n"
    return (
        *folders,
        Entry(path="tmp", mode=0o1777),
        Entry(path="bin/busybox", content=busybox),
        *links,
        Entry(path="usr/bin/env", target="/bin/busybox"),
        Entry(path="etc/passwd", content=users.encode(), mode=0o644),
        Entry(path="etc/group", content=groups.encode(), mode=0o644),
    )


def docker_archive(images: Sequence[Image]) -> bytes:
    """The bytes of ``docker save``: a config and a layer per image, and ``manifest.json``. The same input, the same
    bytes."""
    files: dict[str, bytes] = {}
    manifest = []
    for image in images:
        layer = _tar(image.entries)
        digest = hashlib.sha256(layer).hexdigest()
        config = json.dumps(
            {
                "architecture": ARCHITECTURES.get(platform.machine(), platform.machine()),
                "os": "linux",
                "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
                "config": {
                    "Env": [f"{name}={value}" for name, value in {"PATH": PATH, **dict(image.environment)}.items()],
                    "Entrypoint": list(image.entrypoint) or None,
                    "Cmd": list(image.command) or None,
                    **({"User": image.user} if image.user else {}),
                },
                "history": [{"created_by": "ai-conformance lab"}],
            },
            sort_keys=True,
        ).encode()
        name = f"{hashlib.sha256(config).hexdigest()}.json"
        files[name] = config
        files[f"{digest}/layer.tar"] = layer
        manifest.append({"Config": name, "RepoTags": [image.tag], "Layers": [f"{digest}/layer.tar"]})
    files["manifest.json"] = json.dumps(manifest).encode()
    return _tar([Entry(path=path, content=content, mode=0o644) for path, content in files.items()])


def _tar(entries: Sequence[Entry]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for entry in entries:
            info = tarfile.TarInfo(entry.path)
            info.mode = entry.mode
            if entry.target is not None:
                info.type, info.linkname = tarfile.SYMTYPE, entry.target
            elif entry.content is None:
                info.type = tarfile.DIRTYPE
            else:
                info.size = len(entry.content)
            tar.addfile(info, None if entry.content is None else io.BytesIO(entry.content))
    return out.getvalue()
