"""What a lab could leave behind on its host, as sets that can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from ai_conformance.lab import cgroups, commands, processes, registry

NAMESPACES = ("mnt", "net", "pid", "uts")


def snapshot(*, but: str) -> dict[str, set[str]]:
    """The host's namespaces, links, routes, loop devices, mounts and control groups, without those of labs other than
    ``but``: other labs may come and go while a test runs."""
    others = [record for name in registry.names() if name != but and (record := registry.find(name)) is not None]
    foreign = [record.lab_id.encode() for record in others]
    hidden = [text for o in others for text in (f"{o.addresses.bridge}n", o.addresses.cgroup, f"{o.state}/")]
    bridges = {o.addresses.bridge for o in others}
    links = commands.run(["ip", "-oneline", "link"]).splitlines()
    routes = commands.run(["ip", "route", "show", "table", "all"]).splitlines()
    mounts = Path("/proc/self/mounts").read_text().splitlines()
    groups = [str(path) for root in (*cgroups.hierarchies(), cgroups.ROOT / "unified") for path in root.glob("*/")]
    found = {
        "links": {line.split()[1].rstrip(":").partition("@")[0] for line in links} - bridges,
        "routes": {line for line in routes if not bridges & set(line.split())},
        "mounts": set(mounts),
        "control groups": set(groups),
        "loop devices": set(_loops()),
        "namespaces": set(_namespaces(without=foreign)),
    }
    return {kind: {entry for entry in entries if not _any_in(hidden, entry)} for kind, entries in found.items()}


def _any_in(texts: Iterable[str], entry: str) -> bool:
    return any(text in entry for text in texts)


def _loops() -> Iterable[str]:
    for path in sorted(Path("/sys/block").glob("loop*/loop/backing_file")):
        yield f"{path.parts[3]} {path.read_text().strip()}"


def _namespaces(*, without: Sequence[bytes]) -> Iterable[str]:
    """Namespaces in which something runs, but only if they are not the host's own: its processes come and go."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            environment = (entry / "environ").read_bytes()
            if processes.LAB_ID.encode() in environment and not any(other in environment for other in without):
                yield from (str((entry / "ns" / kind).readlink()) for kind in NAMESPACES)
        except OSError:
            continue
