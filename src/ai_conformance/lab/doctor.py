"""``lab doctor``: what the host must have for a lab, each with what to do where it is missing. Changes nothing."""

from __future__ import annotations

import dataclasses
import importlib.util
import os
import platform
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from ai_conformance.lab import binaries, cgroups, commands, go_build, network, packages, watches
from ai_conformance.lab.addresses import MAX_INDEX, Addresses
from ai_conformance.lab.errors import LabError
from ai_conformance.lab.options import LabOptions
from ai_conformance.lab.paths import cache_root
from ai_conformance.lab.versions import release

CAP_SYS_ADMIN = 21
CAP_NET_ADMIN = 12
MIN_MEMORY_BYTES = 3 << 30
"""A lab of two nodes, with room for pods; linking Kubernetes takes another 3 GB once."""
MIN_DISK_BYTES = 8 << 30
"""Go's caches while Kubernetes is built take 5 GB, packages half a GB."""
GO_MINIMUM = (1, 26)
V1_CONTROLLERS: tuple[str, ...] = ("cpu", "cpuacct", "cpuset", "memory", "devices", "freezer", "pids")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Finding:
    """One precondition as found. ``remedy`` is empty where it holds."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


Check = Callable[[], Finding]


def examine(*, options: LabOptions | None = None) -> list[Finding]:
    """All preconditions; Go only where Kubernetes would still have to be built."""
    wanted = options or LabOptions()
    checks: list[Check] = [
        linux,
        root,
        capabilities,
        loop_devices,
        control_groups,
        lambda: kernel_feature("overlay", file=Path("/proc/filesystems"), what="overlayfs"),
        namespaces,
        *[lambda name=name: program(name) for name in PROGRAMS],
        links,
        nftables,
        package_source,
        *[lambda name=name: extra(name) for name in ("grpc", "cryptography")],
        lambda: go(wanted),
        address_ranges,
        lambda: inotify(wanted),
        memory,
        disk,
    ]
    return [check() for check in checks]


PROGRAMS = {
    "ip": "iproute2",
    "unshare": "util-linux",
    "nsenter": "util-linux",
    "mount": "mount",
    "apt-get": "apt",
    "dpkg": "dpkg",
    "sh": "dash",
}
"""Programs of the host that the lab calls, with the package that has them."""


def _finding(name: str, *, ok: bool, found: str, remedy: str) -> Finding:
    return Finding(name=name, ok=ok, found=found, remedy="" if ok else remedy)


def linux() -> Finding:
    system = platform.system()
    return _finding("Linux", ok=system == "Linux", found=f"{system} {platform.release()}", remedy="Use a Linux host.")


def root() -> Finding:
    return _finding("root", ok=os.geteuid() == 0, found=f"user id {os.geteuid()}", remedy="Run it as root (sudo).")


def capabilities(status: Path = Path("/proc/self/status")) -> Finding:
    """Root in a container often lacks them."""
    text = status.read_text() if status.exists() else ""
    found = re.search(r"^CapEff:\s*([0-9a-f]+)$", text, re.MULTILINE)
    mask = int(found[1], 16) if found else 0
    missing = [
        name
        for name, bit in (("CAP_SYS_ADMIN", CAP_SYS_ADMIN), ("CAP_NET_ADMIN", CAP_NET_ADMIN))
        if not mask >> bit & 1
    ]
    return _finding(
        "capabilities",
        ok=not missing,
        found=f"without {', '.join(missing)}" if missing else "CAP_SYS_ADMIN, CAP_NET_ADMIN",
        remedy="Run it as root outside of a container, or in a privileged one.",
    )


def loop_devices(control: Path = Path("/dev/loop-control")) -> Finding:
    """The fake accelerators are loop devices."""
    return _finding(
        "loop devices",
        ok=control.exists(),
        found=str(control) if control.exists() else f"no {control}",
        remedy="Load the kernel module: modprobe loop",
    )


def control_groups(folder: Path = cgroups.ROOT) -> Finding:
    """Version 2, or version 1 with the controllers that the kubelet wants."""
    if cgroups.is_version_2(folder):
        present, kind = (folder / "cgroup.controllers").read_text().split(), "version 2"
        wanted: tuple[str, ...] = cgroups.CONTROLLERS
    else:
        present = [path.name for path in folder.iterdir()] if folder.exists() else []
        wanted, kind = V1_CONTROLLERS, "version 1"
    missing = [name for name in wanted if name not in present]
    return _finding(
        "control groups",
        ok=not missing,
        found=f"{kind}, without {', '.join(missing)}" if missing else kind,
        remedy="Mount the missing controllers below /sys/fs/cgroup, or boot with cgroup version 2.",
    )


def kernel_feature(word: str, *, file: Path, what: str) -> Finding:
    present = file.exists() and re.search(rf"\b{word}\b", file.read_text()) is not None
    return _finding(
        what,
        ok=present,
        found="in the kernel" if present else "not in the kernel",
        remedy=f"Load the kernel module: modprobe {word}",
    )


def namespaces(folder: Path = Path("/proc/self/ns")) -> Finding:
    missing = [name for name in ("mnt", "net", "pid", "uts") if not (folder / name).exists()]
    return _finding(
        "namespaces",
        ok=not missing,
        found=f"without {', '.join(missing)}" if missing else "mnt, net, pid, uts",
        remedy="Use a kernel with these namespaces.",
    )


def program(name: str) -> Finding:
    path = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{commands.SYSTEM_PATH}")
    return _finding(
        name, ok=path is not None, found=path or "not found", remedy=f"Install it: apt-get install {PROGRAMS[name]}"
    )


def links() -> Finding:
    """Tried out for a moment in a network namespace that ends with the command."""
    return _tried(
        "bridge and veth",
        ["unshare", "--net", "ip", "-batch", "-"],
        stdin="link add b0 type bridge\nlink add v0 type veth peer name v1\n",
        remedy="Load the kernel modules: modprobe -a bridge veth",
    )


def nftables() -> Finding:
    """kube-proxy's rules; tried with the lab's own nft once it is fetched, else the kernel is asked for the module."""
    folder = next(cache_root().glob("packages/*/bin/nft"), None)
    if folder is None:
        present = kernel_feature("nf_tables", file=Path("/proc/modules"), what="nf_tables").ok
        built_in = Path(f"/lib/modules/{platform.release()}/modules.builtin")
        known = present or (built_in.exists() and "nf_tables" in built_in.read_text())
        # A kernel without modules tells nobody; the first `up` will.
        return Finding(
            name="nf_tables", ok=True, found="in the kernel" if known else "not known before the first start"
        )
    return _tried(
        "nf_tables",
        ["unshare", "--net", str(folder), "add", "table", "ip", "doctor"],
        remedy="Load the kernel module: modprobe nf_tables",
    )


def _tried(name: str, command: Sequence[str], *, remedy: str, stdin: str = "") -> Finding:
    try:
        commands.run(command, stdin=stdin)
    except LabError as error:
        return Finding(name=name, ok=False, found=str(error).replace("\n", " "), remedy=remedy)
    return Finding(name=name, ok=True, found="tried")


def package_source() -> Finding:
    """Where the host's own packages come from; nothing is fetched."""
    name = "package source"
    try:
        suite = packages.own_suite(Path("/etc/os-release").read_text())
        targets = commands.run(["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)"])
        packages.source_line(targets, own_suite=suite, suite=suite)
    except (LabError, OSError) as error:
        return Finding(name=name, ok=False, found=str(error).replace("\n", " "), remedy="Run it on Debian 12 or later.")
    return Finding(name=name, ok=True, found=f"{suite} main")


def extra(module: str) -> Finding:
    present = importlib.util.find_spec(module) is not None
    return _finding(
        f"Python module {module}",
        ok=present,
        found="installed" if present else "not installed",
        remedy="Install the extra: pip install 'kube-ai-conformance[lab]'",
    )


def go(options: LabOptions) -> Finding:
    """Needed once, to build Kubernetes."""
    if options.kubernetes_binaries is not None or binaries.cached(cache_root(), version=release(options.kubernetes)):
        return Finding(name="Go", ok=True, found="not needed: Kubernetes is at hand")
    remedy = (
        f"Install Go {'.'.join(map(str, GO_MINIMUM))} or later, or give official binaries: --kubernetes-binaries DIR"
    )
    if not go_build.available():
        return Finding(name="Go", ok=False, found="not found", remedy=remedy)
    text = commands.run(["go", "env", "GOVERSION"]).strip()
    numbers = re.match(r"go(\d+)\.(\d+)", text)
    new = numbers is not None and (int(numbers[1]), int(numbers[2])) >= GO_MINIMUM
    return _finding("Go", ok=new, found=text, remedy=remedy)


def address_ranges() -> Finding:
    name = "address range"
    try:
        taken = network.taken_networks()
    except LabError as error:
        return Finding(name=name, ok=False, found=error.what, remedy="Install iproute2.")
    free = next((i for i in range(1, MAX_INDEX + 1) if network.is_free(Addresses(i), taken=taken)), None)
    return _finding(
        name,
        ok=free is not None,
        found="none free" if free is None else str(Addresses(free).network),
        remedy="Routes of the host cover 10.201.0.0/16 to 10.240.0.0/16; free one, or take a lab down.",
    )


def inotify(options: LabOptions) -> Finding:
    """The first limit that several labs meet."""
    free = watches.limit() - watches.used()
    needed = watches.needed(options.nodes)
    return _finding(
        "inotify instances", ok=free >= needed, found=f"{free} free, a lab needs {needed}", remedy=watches.REMEDY
    )


def memory() -> Finding:
    text = Path("/proc/meminfo").read_text()
    found = re.search(r"^MemAvailable:\s+(\d+) kB", text, re.MULTILINE)
    available = int(found[1]) * 1024 if found else 0
    return _finding(
        "memory",
        ok=available >= MIN_MEMORY_BYTES,
        found=f"{available / 2**30:.1f} GiB available",
        remedy=f"A lab needs {MIN_MEMORY_BYTES >> 30} GiB; end other programs.",
    )


def disk() -> Finding:
    folder = cache_root()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return _finding(
        "disk",
        ok=free >= MIN_DISK_BYTES,
        found=f"{free / 2**30:.1f} GiB free at {folder}",
        remedy=f"Building needs {MIN_DISK_BYTES >> 30} GiB; choose another place with AI_CONFORMANCE_CACHE.",
    )
