"""Where the cluster is and who we are: kubeconfig files as kubectl reads and merges them, or a pod's service account.

Every error names the file, the line where there is one, and what to do. Nothing is sent from here.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ai_conformance.kube.errors import ConfigurationError

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
_SECTIONS = {"clusters": "cluster", "contexts": "context", "users": "user"}


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExecPlugin:
    """A program that prints an ExecCredential."""

    command: str
    args: tuple[str, ...]
    env: Mapping[str, str]
    api_version: str
    install_hint: str
    cluster: Mapping[str, Any] | None
    """What the plugin is told of the cluster, where it asked for that (provideClusterInfo)."""


@dataclasses.dataclass(frozen=True, kw_only=True, repr=False)
class Connection:
    """All that is needed to connect. It has no ``repr``, because it holds secrets."""

    server: str
    context: str
    ca_pem: str | None = None
    insecure: bool = False
    tls_server_name: str | None = None
    proxy: str | None = None
    client_certificate_pem: bytes | None = None
    client_key_pem: bytes | None = None
    token: str | None = None
    token_file: Path | None = None
    username: str | None = None
    password: str | None = None
    plugin: ExecPlugin | None = None


def load(kubeconfig: Path | None = None, *, context: str | None = None) -> Connection:
    """The connection that a kubeconfig describes; without one, ``KUBECONFIG``, then the user's own file, then a pod's
    service account. Raises `ConfigurationError`."""
    present = _files(kubeconfig)
    return _Merged(present).connection(context) if present else _in_cluster()


def contexts(kubeconfig: Path | None = None) -> tuple[str, ...]:
    """The names of all contexts, sorted; none where a pod's service account is used. Raises `ConfigurationError`."""
    present = _files(kubeconfig)
    return _Merged(present).contexts if present else ()


def _files(kubeconfig: Path | None) -> list[Path]:
    """The files that are there; none means a pod's service account. Raises `ConfigurationError`."""
    explicit = [kubeconfig] if kubeconfig is not None else _from_environment()
    default = Path("~/.kube/config").expanduser()
    files = explicit or ([default] if default.exists() else [])
    present = [file for file in files if file.exists()]
    if kubeconfig is not None and not present:
        raise ConfigurationError(f"There is no kubeconfig {kubeconfig}. Give the path of one that exists.")
    if present or (not explicit and "KUBERNETES_SERVICE_HOST" in os.environ):
        return present
    named = f"KUBECONFIG names {os.environ['KUBECONFIG']}, which does not exist" if explicit else f"no {default}"
    raise ConfigurationError(f"There is no kubeconfig ({named}). Give one with --kubeconfig, or set KUBECONFIG.")


def _from_environment() -> list[Path]:
    return [Path(part).expanduser() for part in os.environ.get("KUBECONFIG", "").split(os.pathsep) if part]


def _in_cluster() -> Connection:
    try:
        ca_pem = (SERVICE_ACCOUNT / "ca.crt").read_text()
    except OSError as trouble:
        raise ConfigurationError(
            f"This looks like a pod, but its service account cannot be read ({trouble}). Give one with --kubeconfig."
        ) from trouble
    host, port = os.environ["KUBERNETES_SERVICE_HOST"], os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    return Connection(
        server=f"https://[{host}]:{port}" if ":" in host else f"https://{host}:{port}",
        context="(service account)",
        ca_pem=ca_pem,
        token_file=SERVICE_ACCOUNT / "token",
    )


def _parsed(file: Path) -> Mapping[str, Any]:
    # Imported here: only a process that talks to a cluster needs a YAML reader.
    from ruamel.yaml import YAML  # noqa: PLC0415
    from ruamel.yaml.error import MarkedYAMLError, YAMLError  # noqa: PLC0415

    try:
        found = YAML(typ="safe", pure=True).load(file.read_text(encoding="utf-8"))
    except MarkedYAMLError as trouble:
        mark = trouble.problem_mark
        place = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else str(file)
        raise ConfigurationError(f"{place}: not YAML: {trouble.problem}. Repair the kubeconfig.") from trouble
    except (YAMLError, UnicodeDecodeError, OSError) as trouble:
        raise ConfigurationError(f"{file}: cannot be read: {trouble}. Give another with --kubeconfig.") from trouble
    if found is None:
        return {}
    if not isinstance(found, dict):
        raise ConfigurationError(f"{file}:1: not a kubeconfig, but a {type(found).__name__}.")
    return found


class _Merged:
    """Several files read as one; as in kubectl the first that names a thing wins."""

    def __init__(self, files: list[Path]) -> None:
        self._files = files
        self._found: dict[str, dict[str, tuple[Mapping[str, Any], Path]]] = {section: {} for section in _SECTIONS}
        self._current = ""
        for file in files:
            raw = _parsed(file)
            self._current = self._current or str(raw.get("current-context") or "")
            for section, inner in _SECTIONS.items():
                entries = raw.get(section) or []
                if not isinstance(entries, list):
                    raise ConfigurationError(f"{file}: {section} is not a list. Repair the kubeconfig.")
                for entry in entries:
                    if not isinstance(entry, dict) or not isinstance(entry.get("name"), str):
                        raise ConfigurationError(f"{file}: an entry of {section} has no name. Repair the kubeconfig.")
                    value = entry.get(inner) or {}
                    if not isinstance(value, dict):
                        raise ConfigurationError(f"{file}: {inner} {entry['name']!r} is not a mapping. Repair it.")
                    self._found[section].setdefault(entry["name"], (value, file))

    def _one(self, section: str, name: str, *, asked_by: str) -> tuple[Mapping[str, Any], Path]:
        known = self._found[section]
        if name in known:
            return known[name]
        word = _SECTIONS[section]
        files = ", ".join(map(str, self._files))
        there = f"there are {', '.join(sorted(known))}" if known else "there is none"
        raise ConfigurationError(f"{files}: {asked_by} {word} {name!r}, which is not there; {there}.")

    @property
    def contexts(self) -> tuple[str, ...]:
        """Their names, sorted."""
        return tuple(sorted(self._found["contexts"]))

    def connection(self, wanted: str | None) -> Connection:
        name = wanted or self._current
        files = ", ".join(map(str, self._files))
        if not name:
            there = ", ".join(sorted(self._found["contexts"])) or "none"
            raise ConfigurationError(f"{files}: no current-context. Choose one with --context; there are: {there}.")
        context, _ = self._one("contexts", name, asked_by="asked for the" if wanted else "current-context names the")
        cluster, cluster_file = self._one(
            "clusters", str(context.get("cluster", "")), asked_by=f"context {name!r} names the"
        )
        user: Mapping[str, Any] = {}
        user_file = cluster_file
        if context.get("user"):
            user, user_file = self._one("users", str(context["user"]), asked_by=f"context {name!r} names the")
        server = cluster.get("server")
        if not isinstance(server, str) or not server.startswith(("https://", "http://")):
            raise ConfigurationError(
                f"{cluster_file}: cluster {context['cluster']!r} has no usable server: {server!r}."
            )
        if "auth-provider" in user:
            raise ConfigurationError(
                f"{user_file}: user {context['user']!r} uses auth-provider, which Kubernetes removed in 1.26. "
                "Configure the exec plugin of your provider."
            )
        ca = _data(cluster, "certificate-authority", file=cluster_file)
        proxy = cluster.get("proxy-url")
        if proxy and not str(proxy).startswith("http"):
            raise ConfigurationError(f"{cluster_file}: proxy-url {proxy!r}: only http and https proxies can be used.")
        token_file = user.get("tokenFile")
        return Connection(
            server=server.rstrip("/"),
            context=name,
            ca_pem=ca.decode() if ca else None,
            insecure=bool(cluster.get("insecure-skip-tls-verify", False)),
            tls_server_name=cluster.get("tls-server-name"),
            proxy=proxy,
            client_certificate_pem=_data(user, "client-certificate", file=user_file),
            client_key_pem=_data(user, "client-key", file=user_file),
            token=user.get("token"),
            token_file=user_file.parent / token_file if token_file else None,
            username=user.get("username"),
            password=user.get("password"),
            plugin=_plugin(user.get("exec"), file=user_file, cluster=cluster, server=server, ca=ca),
        )


def _data(values: Mapping[str, Any], key: str, *, file: Path) -> bytes | None:
    """``key-data`` (base64) before ``key`` (a path relative to the kubeconfig)."""
    embedded = values.get(f"{key}-data")
    if embedded:
        try:
            return base64.b64decode(str(embedded), validate=True)
        except binascii.Error as trouble:
            raise ConfigurationError(f"{file}: {key}-data is not base64. Repair the kubeconfig.") from trouble
    if not values.get(key):
        return None
    path = file.parent / Path(str(values[key])).expanduser()
    try:
        return path.read_bytes()
    except OSError as trouble:
        raise ConfigurationError(f"{file}: {key} {path} cannot be read: {trouble.strerror}.") from trouble


def _plugin(raw: Any, *, file: Path, cluster: Mapping[str, Any], server: str, ca: bytes | None) -> ExecPlugin | None:
    if not raw:
        return None
    if not isinstance(raw, dict) or not isinstance(raw.get("command"), str):
        raise ConfigurationError(f"{file}: exec has no command. Repair the kubeconfig.")
    version = str(raw.get("apiVersion", ""))
    if version not in ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"):
        raise ConfigurationError(f"{file}: exec has the apiVersion {version!r}; v1 and v1beta1 exist.")
    command = raw["command"]
    if os.sep in command:  # client-go: a path with a separator is relative to the kubeconfig
        command = str(file.parent / command)
    told: dict[str, Any] | None = None
    if raw.get("provideClusterInfo"):
        told = {"server": server, "insecure-skip-tls-verify": bool(cluster.get("insecure-skip-tls-verify", False))}
        if ca:
            told["certificate-authority-data"] = base64.b64encode(ca).decode()
        if cluster.get("tls-server-name"):
            told["tls-server-name"] = cluster["tls-server-name"]
        for extension in cluster.get("extensions") or ():
            if extension.get("name") == "client.authentication.k8s.io/exec":
                told["config"] = extension.get("extension")
    return ExecPlugin(
        command=command,
        args=tuple(str(arg) for arg in raw.get("args") or ()),
        env={str(item["name"]): str(item["value"]) for item in raw.get("env") or ()},
        api_version=version,
        install_hint=str(raw.get("installHint") or ""),
        cluster=told,
    )
