"""Credentials for images: `--image-pull-secret FILE`, a file as container tools keep it (``config.json``).

A file, and not the name of a Secret in the cluster: to read one there would take the permission to read Secrets, of
which a run has none. What is made of the file is put into the run's own namespaces and goes with them; of its entries
only those that are for a registry of this run's images.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ai_conformance.cli import failures

if TYPE_CHECKING:
    from ai_conformance.checks.options import Options

NAME = "--image-pull-secret"
_LARGEST_BYTES = 512 * 1024
"""Half of what a Secret may hold."""
_DOCKER_HUB = frozenset({"docker.io", "index.docker.io", "registry-1.docker.io"})
_FIELDS = frozenset({"auth", "username", "password", "email", "identitytoken", "registrytoken"})
_NEEDED = frozenset({"auth", "password", "identitytoken", "registrytoken"})

option = click.option(
    NAME,
    "image_pull_secret",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Credentials for the images' registries, as container tools keep them (config.json with auths).",
)
granted = click.option(NAME, "image_pull_secret", is_flag=True, help=f"Allow what run {NAME} needs as well.")


def of_run(path: Path | None, *, checks: Options) -> str:
    """What the Secret is to hold; empty without a file. Raises `failures.Failure`, which shows nothing of the file."""
    if path is None:
        return ""
    from ai_conformance import catalog  # noqa: PLC0415 - help and most runs do without

    references = [checks.image(one.name, default=one.reference) for one in catalog.load().images]
    return chosen(read(path), references=[*references, *filter(None, [checks.load_image])], source=path)


def read(path: Path) -> Mapping[str, Mapping[str, str]]:
    """The credentials in a file, by registry. Raises `failures.Failure`."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise failures.usage(f"{NAME} {path}: the file cannot be read: {error.strerror or error}.") from error
    if len(raw) > _LARGEST_BYTES:
        raise failures.usage(f"{NAME} {path}: it has {len(raw)} bytes, more than credentials for images can have.")
    try:
        whole = json.loads(raw)
    except (ValueError, RecursionError):
        # What the parser says would show a part of the file.
        raise failures.usage(f"{NAME} {path}: it is not JSON. {_REMEDY}") from None
    auths = whole.get("auths") if isinstance(whole, dict) else None
    if not isinstance(auths, dict):
        raise failures.usage(f"{NAME} {path}: it has no auths. {_REMEDY}")
    found = {str(registry): _credentials(entry) for registry, entry in auths.items()}
    usable = {registry: entry for registry, entry in found.items() if _NEEDED & entry.keys()}
    if not usable:
        stores = whole.get("credsStore") or whole.get("credHelpers")
        where = " They are in a store of this machine (credsStore, credHelpers), out of which they have to be taken."
        raise failures.usage(f"{NAME} {path}: it has no credentials.{where if stores else ''} {_REMEDY}")
    return usable


_REMEDY = (
    "It has to be a config.json such as kubectl create secret docker-registry --dry-run=client writes into "
    ".dockerconfigjson."
)


def _credentials(entry: Any) -> dict[str, str]:
    if not isinstance(entry, dict):
        return {}
    return {key: value for key, value in entry.items() if key in _FIELDS and isinstance(value, str) and value}


def chosen(auths: Mapping[str, Mapping[str, str]], *, references: Iterable[str], source: Path) -> str:
    """The entries for registries of these images. Raises `failures.Failure` where there is none."""
    hosts = sorted({_host_of_image(one) for one in references})
    mine = {registry: dict(entry) for registry, entry in auths.items() if _is_for(registry, hosts=hosts)}
    if not mine:
        raise failures.usage(
            f"{NAME} {source}: it has credentials for {', '.join(sorted(map(_host, auths)))}, and the images of a run "
            f"are at {', '.join(hosts)}; --image-registry and --image-map name other places."
        )
    return json.dumps({"auths": mine}, sort_keys=True)


def _is_for(registry: str, *, hosts: Iterable[str]) -> bool:
    """As kubelets match: a host may have stars. A path is left to them."""
    host = _host(registry)
    return any(fnmatch.fnmatchcase(one, host) or (one in _DOCKER_HUB and host in _DOCKER_HUB) for one in hosts)


def _host(registry: str) -> str:
    return registry.removeprefix("https://").removeprefix("http://").split("/", 1)[0].lower()


def _host_of_image(reference: str) -> str:
    """Where an image is pulled from; what has no host is Docker Hub's."""
    first, slash, _ = reference.partition("/")
    is_host = bool(slash) and ("." in first or ":" in first or first == "localhost")
    return first.lower() if is_host else "docker.io"
