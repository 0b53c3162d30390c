"""Programs from the distribution's packages, unpacked into the cache; the host's own packages and sources stay as
they are.

Two private apt states: the host's own suite for what links to its libraries, and a newer suite for what links to
none (or to
an old libc): etcd, containerd, CNI plugins. The source line is derived from the host's own apt configuration.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Sequence
from pathlib import Path

from ai_conformance.lab import commands
from ai_conformance.lab.errors import LabError
from ai_conformance.lab.files import building, locked, read_json, write_atomically, write_json

NEWER_SUITE = "forky"
"""containerd below 2 has no CDI in its default build, so no DRA; this suite has 2.1 and asks for libc 2.34 only."""
NEWER_PACKAGES = ("containerd", "containernetworking-plugins", "etcd-server", "etcd-client", "kubectl")
RUNC_LIBRARIES = ("libseccomp2",)
NFT_LIBRARIES = (
    "libnftables1", "libnftnl11", "libmnl0", "libjansson4", "libedit2", "libbsd0", "libmd0", "libtinfo6", "libgmp10",
    "libxtables12",
)  # fmt: skip
CONNTRACK_LIBRARIES = ("libnetfilter-conntrack3", "libnfnetlink0", "libmnl0")
HOST_PACKAGES = tuple(
    dict.fromkeys(
        ("runc", "busybox-static", "nftables", "conntrack", *RUNC_LIBRARIES, *NFT_LIBRARIES, *CONNTRACK_LIBRARIES)
    )
)
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
ATTEMPTS = 4
"""Mirrors refuse a request now and then and serve it at the next."""


@dataclasses.dataclass(frozen=True)
class Packages:
    """The unpacked programs of both suites."""

    newer: Path
    host: Path

    @property
    def search_path(self) -> str:
        """Folders for PATH: wrappers first, then the packages' own."""
        folders = [self.host / "bin", *(self.newer / name / "usr/bin" for name in NEWER_PACKAGES)]
        return ":".join(str(folder) for folder in folders)

    @property
    def cni_plugins(self) -> Path:
        return self.newer / "containernetworking-plugins/usr/lib/cni"

    @property
    def runc(self) -> Path:
        return self.host / "bin/runc"

    @property
    def busybox(self) -> Path:
        return self.host / "busybox-static/bin/busybox"


def source_line(index_targets: str, *, own_suite: str, suite: str) -> str:
    """The apt source line of ``suite``, from ``SITE SUITE COMPONENT`` lines of the host's own configuration.

    Raises:
        LabError: the host takes no packages of ``own_suite`` main from anywhere.
    """
    for line in index_targets.splitlines():
        site, release, component = line.split()
        if (release, component) == (own_suite, "main"):
            signed = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
            return f"deb {signed}{site} {suite} main"
    raise LabError(
        f"The host's apt configuration has no source for {own_suite} main.",
        remedy="The lab takes its programs from there; add that source, or run on Debian.",
    )


def own_suite(os_release: str) -> str:
    """The host's suite (``bookworm``) from the text of /etc/os-release."""
    for line in os_release.splitlines():
        key, _, value = line.partition("=")
        if key == "VERSION_CODENAME":
            return value.strip('"')
    raise LabError("/etc/os-release names no VERSION_CODENAME.", remedy="The lab needs Debian's packages.")


def ensure(cache: Path) -> Packages:
    """Give the unpacked packages, fetching them first where the cache lacks them."""
    suite = own_suite(Path("/etc/os-release").read_text())
    return Packages(
        newer=_ensure(cache, suite=NEWER_SUITE, own=suite, packages=NEWER_PACKAGES, wrap=False),
        host=_ensure(cache, suite=suite, own=suite, packages=HOST_PACKAGES, wrap=True),
    )


def of_newer_suite(cache: Path, *names: str) -> Path:
    """Other packages of the newer suite, unpacked: a folder with one below it for each. For add-ons."""
    suite = own_suite(Path("/etc/os-release").read_text())
    return _ensure(cache, suite=NEWER_SUITE, own=suite, packages=names, wrap=False)


def _ensure(cache: Path, *, suite: str, own: str, packages: Sequence[str], wrap: bool) -> Path:
    root = cache / "packages"
    key = hashlib.sha256(" ".join(packages).encode()).hexdigest()[:8]
    target = root / f"{suite}-{key}"
    with locked(root / f".{target.name}.lock"):
        versions = target / "versions.json"
        # Wrappers hold absolute paths: a cache that was moved is fetched again.
        if not (versions.exists() and read_json(versions)["at"] == str(target)):
            with building(target) as folder:
                _fetch(folder, suite=suite, own=own, packages=packages)
                if wrap:
                    _write_wrappers(folder, final=target)
                write_json(folder / "versions.json", {"at": str(target), "packages": _versions(folder)})
    return target


def _fetch(folder: Path, *, suite: str, own: str, packages: Sequence[str]) -> None:
    apt = folder / "apt"
    for part in ("sources.d", "preferences.d", "lists/partial", "cache/archives/partial"):
        (apt / part).mkdir(parents=True)
    targets = commands.run(["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)"])
    (apt / "sources.list").write_text(source_line(targets, own_suite=own, suite=suite) + "\n")
    (apt / "status").touch()
    (apt / "apt.conf").write_text(_configuration(apt))
    environment = {"APT_CONFIG": str(apt / "apt.conf")}
    archives = apt / "cache/archives"
    _retry(["apt-get", "-qq", "update"], environment=environment, folder=archives)
    _retry(["apt-get", "-qq", "download", *packages], environment=environment, folder=archives)
    for package in packages:
        deb = next(archives.glob(f"{package}_*.deb"), None)
        if deb is None:
            raise LabError(f"apt-get downloaded no {package} of {suite}.", remedy="Run the command again.")
        commands.run(["dpkg", "-x", str(deb), str(folder / package)])
        (folder / package / "version").write_text(commands.run(["dpkg-deb", "-f", str(deb), "Version"]))
        deb.unlink()
    for leftover in (apt / "lists").glob("*_*"):
        leftover.unlink()


def _configuration(apt: Path) -> str:
    return "".join(
        f'{key} "{value}";\n'
        for key, value in {
            "Dir::Etc::SourceList": apt / "sources.list",
            "Dir::Etc::SourceParts": apt / "sources.d",
            "Dir::Etc::PreferencesParts": apt / "preferences.d",
            "Dir::State": apt,
            "Dir::State::Lists": apt / "lists",
            "Dir::State::status": apt / "status",
            "Dir::Cache": apt / "cache",
            "APT::Sandbox::User": "root",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
        }.items()
    )


def _retry(command: Sequence[str], *, environment: dict[str, str], folder: Path) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            commands.run(command, environment=environment, folder=folder, timeout_s=600)
        except commands.CommandFailedError as error:
            if attempt == ATTEMPTS:
                raise LabError(
                    f"The packages could not be fetched ({ATTEMPTS} attempts).",
                    remedy=f"Check that `apt-get update` works on this host, then try again. apt said:\n{error.output}",
                ) from error
        else:
            return


def _write_wrappers(folder: Path, *, final: Path) -> None:
    """Programs with libraries of their own package set; the search path belongs to that one program."""
    for name, program, libraries in (
        ("runc", "runc/usr/sbin/runc", RUNC_LIBRARIES),
        ("nft", "nftables/usr/sbin/nft", NFT_LIBRARIES),
        ("conntrack", "conntrack/usr/sbin/conntrack", CONNTRACK_LIBRARIES),
    ):
        found = [path.parent for library in libraries for path in (folder / library).rglob("*.so.*")]
        search = ":".join(dict.fromkeys(str(final / path.relative_to(folder)) for path in found))
        text = f'#!/bin/sh\nLD_LIBRARY_PATH={search} exec {final / program} "$@"\n'
        write_atomically(folder / "bin" / name, text, mode=0o755)


def _versions(folder: Path) -> dict[str, str]:
    return {path.parent.name: path.read_text().strip() for path in sorted(folder.glob("*/version"))}
