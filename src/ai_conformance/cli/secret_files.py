"""Options of `run` that name a file: for a run in the cluster the file is a key of a Secret, mounted into its pod."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath
from typing import Any

import click

PLACE = PurePosixPath("/etc/ai-conformance")
"""Where the Secrets are in the pod, each in a folder of its name."""
_HERE = frozenset({"kubeconfig", "output", "resume"})
"""Which cluster, and where the run's folder is: the pod has its own."""
_FORM = re.compile(r"(?P<secret>[a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)/(?P<key>[-._a-zA-Z0-9]+)")


@dataclasses.dataclass(frozen=True, kw_only=True)
class SecretFile:
    """A key of a Secret."""

    secret: str
    key: str

    @property
    def path(self) -> PurePosixPath:
        """Of the file in the pod."""
        return PLACE / self.secret / self.key


def parse(text: str) -> SecretFile:
    """``SECRET/KEY``."""
    found = _FORM.fullmatch(text)
    if found is None or found["key"] in (".", ".."):
        raise click.BadParameter(
            f"{text!r} is not SECRET/KEY; a file of this machine is not in the pod, so put it there: kubectl create "
            "secret generic SECRET --from-file=KEY=FILE"
        )
    return SecretFile(secret=found["secret"], key=found["key"])


def instead_of(parameters: Iterable[click.Parameter]) -> dict[str, click.Option]:
    """For each option that names a file of the run's its counterpart in the cluster, by the parameter's name."""
    return {
        str(one.name): click.Option(
            [*one.opts, str(one.name)],
            type=parse,
            metavar="SECRET/KEY",
            help=f"{(one.help or '').rstrip('.')}: a key of a Secret in the Job's namespace.",
        )
        for one in parameters
        if isinstance(one, click.Option) and isinstance(one.type, click.Path) and one.name not in _HERE
    }


def typed(options: Mapping[str, click.Option], given: Mapping[str, Any]) -> tuple[str, ...]:
    """The options as the run in the pod gets them."""
    return tuple(f"{options[name].opts[0]}={given[name].path}" for name in sorted(options) if given.get(name))


def secrets(options: Mapping[str, click.Option], given: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """(Secret, folder) of each that has to be mounted."""
    names = sorted({given[name].secret for name in options if given.get(name)})
    return tuple((name, str(PLACE / name)) for name in names)


def of_kubelets(credentials: SecretFile | None) -> str:
    """The name of the Secret whose key is what kubelets take for a pod's own image; empty where it is not.

    A Secret of the type kubernetes.io/dockerconfigjson has its credentials under one name (core/v1,
    DockerConfigJsonKey), and kubelets pass over any other.
    """
    return credentials.secret if credentials is not None and credentials.key == ".dockerconfigjson" else ""
