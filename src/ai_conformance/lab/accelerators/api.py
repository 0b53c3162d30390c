"""A Kubernetes API client for processes of the lab that must stay small: the standard library and nothing else.

The driver runs once per node; the client library of the checks would double its memory. The container runtime's fault
program starts for every container; it has no time for imports.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import ssl
import tempfile
import urllib.parse
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

MERGE_PATCH = "application/merge-patch+json"


class ApiError(Exception):
    """The server's answer was an error; `status` is its HTTP status."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status}: {message}")
        self.status = status


class Client:
    """Requests with a client certificate, one connection each: they are few, and a server may restart in between."""

    def __init__(self, server: str, *, context: ssl.SSLContext, timeout_s: float = 10) -> None:
        address = urllib.parse.urlsplit(server)
        self._host, self._port = address.hostname or "", address.port or 443
        self._context, self._timeout_s = context, timeout_s

    @classmethod
    def with_files(cls, server: str, *, ca_file: Path, certificate_file: Path, key_file: Path) -> Client:
        """A client that identifies itself by a certificate in files."""
        context = ssl.create_default_context(cafile=str(ca_file))
        context.load_cert_chain(certificate_file, key_file)
        return cls(server, context=context)

    @classmethod
    def with_kubeconfig(cls, path: Path) -> Client:
        """A client from the current context of a kubeconfig that uses a client certificate, as the lab's own does."""
        data = _read_kubeconfig(path)
        context = _named(data["contexts"], data["current-context"])["context"]
        cluster = _named(data["clusters"], context["cluster"])["cluster"]
        user = _named(data["users"], context["user"])["user"]
        with tempfile.TemporaryDirectory() as folder:  # the ssl module reads certificates from files only; mode 0700
            return cls.with_files(
                cluster["server"],
                ca_file=_material(cluster, "certificate-authority", Path(folder)),
                certificate_file=_material(user, "client-certificate", Path(folder)),
                key_file=_material(user, "client-key", Path(folder)),
            )

    def request(
        self, method: str, path: str, *, body: Mapping[str, Any] | None = None, content_type: str = "application/json"
    ) -> dict[str, Any]:
        """One request; ApiError for an error answer, OSError or HTTPException if the server could not be asked."""
        connection = self._connection(self._timeout_s)
        with contextlib.closing(connection):
            data = None if body is None else json.dumps(body).encode()
            connection.request(method, path, body=data, headers={"Content-Type": content_type})
            response = connection.getresponse()
            text = response.read()
            if response.status >= http.client.BAD_REQUEST:
                raise ApiError(response.status, _message(text))
            answer: dict[str, Any] = json.loads(text)
            return answer

    def probe(self, path: str) -> bool:
        """Whether a health endpoint answers 200; errors as for `request`, except for an error answer."""
        connection = self._connection(self._timeout_s)
        with contextlib.closing(connection):
            connection.request("GET", path)
            return connection.getresponse().status == http.client.OK

    def watch(self, path: str, *, timeout_s: int) -> Iterator[dict[str, Any]]:
        """Events of a watch until the server ends it after `timeout_s`; errors as for `request`."""
        connection = self._connection(timeout_s + self._timeout_s)
        with contextlib.closing(connection):
            separator = "&" if "?" in path else "?"
            connection.request("GET", f"{path}{separator}watch=true&timeoutSeconds={timeout_s}")
            response = connection.getresponse()
            if response.status >= http.client.BAD_REQUEST:
                raise ApiError(response.status, _message(response.read()))
            for line in response:
                event: dict[str, Any] = json.loads(line)
                if event["type"] == "ERROR":
                    raise ApiError(int(event["object"].get("code", 0)), str(event["object"].get("message")))
                yield event

    def _connection(self, timeout_s: float) -> http.client.HTTPSConnection:
        return http.client.HTTPSConnection(self._host, self._port, context=self._context, timeout=timeout_s)


def _read_kubeconfig(path: Path) -> Any:
    """The lab's own kubeconfigs are JSON; loading a YAML parser would take longer than most requests."""
    text = path.read_text()
    try:
        return json.loads(text)
    except ValueError:
        from ruamel.yaml import YAML  # noqa: PLC0415 - only for a kubeconfig that is not ours

        return YAML(typ="safe").load(text)


def _named(entries: list[dict[str, Any]], name: str) -> dict[str, Any]:
    return next(entry for entry in entries if entry["name"] == name)


def _material(entry: Mapping[str, str], key: str, folder: Path) -> Path:
    """A file with the certificate or key, whether the kubeconfig names it or carries it."""
    if key in entry:
        return Path(entry[key])
    path = folder / key
    path.write_bytes(base64.b64decode(entry[f"{key}-data"]))
    return path


def _message(text: bytes) -> str:
    try:
        return str(json.loads(text)["message"])
    except (ValueError, KeyError, TypeError):
        return text[:200].decode(errors="replace")
