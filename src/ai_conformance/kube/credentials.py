"""What proves who we are, kept fresh: tokens, token files that are rotated, client certificates, exec plugins.

A private key never lies on a disk because of us: OpenSSL wants a file, so on Linux it gets one that is memory only.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import ssl
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from ai_conformance.kube import clock
from ai_conformance.kube.errors import ConfigurationError
from ai_conformance.kube.kubeconfig import Connection, ExecPlugin

_PLUGIN_TIMEOUT_S = 60.0
"""A plugin may ask a cloud, which takes seconds; one that waits for a person at a browser cannot be used."""
_TOKEN_FILE_S = 60.0
"""client-go reads a token file anew once a minute; the kubelet rotates it long before it expires."""


class Credentials:
    """Of one connection. ``tls`` and ``header()`` are to be asked for every request, since both can change."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._lock = asyncio.Lock()
        self._token: str | None = connection.token
        self._expires_at: datetime | None = None
        self._read_at: float | None = None
        self._asked = False
        self.tls: ssl.SSLContext | None = None
        if connection.server.startswith("https://"):
            self.tls = _tls(connection, certificate=connection.client_certificate_pem, key=connection.client_key_pem)

    async def header(self) -> Mapping[str, str]:
        """The Authorization header, or none. Raises `ConfigurationError` where a plugin or a file fails."""
        async with self._lock:
            if self._connection.token_file is not None:
                self._read_token_file()
            elif self._connection.plugin is not None and not self._connection.token and self._is_due():
                await self._ask_plugin(self._connection.plugin)
        if self._token:
            return {"Authorization": f"Bearer {self._token}"}
        if self._connection.username is not None:
            pair = f"{self._connection.username}:{self._connection.password or ''}".encode()
            return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
        return {}

    async def renew(self) -> bool:
        """After a 401: whether there may be something newer to try. Told twice in a row it gives the same answer."""
        async with self._lock:
            before = self._token
            if self._connection.token_file is not None:
                self._read_at = None
                self._read_token_file()
                return self._token != before
            if self._connection.plugin is not None:
                await self._ask_plugin(self._connection.plugin)
                return True
        return False

    def _is_due(self) -> bool:
        return not self._asked or (self._expires_at is not None and self._expires_at <= clock.now())

    def _read_token_file(self) -> None:
        file = self._connection.token_file
        if file is None or (self._read_at is not None and clock.monotonic() - self._read_at < _TOKEN_FILE_S):
            return
        try:
            self._token = file.read_text().strip()
        except OSError as trouble:
            raise ConfigurationError(f"The token file {file} cannot be read: {trouble.strerror}.") from trouble
        self._read_at = clock.monotonic()

    async def _ask_plugin(self, plugin: ExecPlugin) -> None:
        status = await _run(plugin)
        self._asked = True
        self._token = status.get("token")
        expires = status.get("expirationTimestamp")
        try:
            self._expires_at = datetime.fromisoformat(expires) if expires else None
        except (TypeError, ValueError) as trouble:
            raise ConfigurationError(
                f"The credential plugin {plugin.command} gave an expirationTimestamp that is no time: {expires!r}."
            ) from trouble
        certificate, key = status.get("clientCertificateData"), status.get("clientKeyData")
        if certificate and key:
            self.tls = _tls(self._connection, certificate=certificate.encode(), key=key.encode())
        elif not self._token:
            raise ConfigurationError(f"The credential plugin {plugin.command} gave neither a token nor a certificate.")


async def _run(plugin: ExecPlugin) -> Mapping[str, Any]:
    spec: dict[str, Any] = {"interactive": False}
    if plugin.cluster is not None:
        spec["cluster"] = plugin.cluster
    info = {"apiVersion": plugin.api_version, "kind": "ExecCredential", "spec": spec}
    try:
        process = await asyncio.create_subprocess_exec(
            plugin.command,
            *plugin.args,
            env={**os.environ, **plugin.env, "KUBERNETES_EXEC_INFO": json.dumps(info)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as trouble:
        hint = f" {plugin.install_hint.strip()}" if plugin.install_hint else ""
        raise ConfigurationError(
            f"The credential plugin {plugin.command} cannot be started: {trouble.strerror}.{hint}"
        ) from trouble
    try:
        async with asyncio.timeout(_PLUGIN_TIMEOUT_S):
            output, complaint = await process.communicate()
    except TimeoutError as trouble:
        raise ConfigurationError(
            f"The credential plugin {plugin.command} did not end in {_PLUGIN_TIMEOUT_S:g} s. "
            "Run it by hand and see whether it waits for a person."
        ) from trouble
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode != 0:
        said = complaint.decode(errors="replace").strip()[-500:] or "nothing"
        raise ConfigurationError(
            f"The credential plugin {plugin.command} failed with {process.returncode} and said: {said}"
        )
    try:
        status = json.loads(output)["status"]
        if not isinstance(status, dict):
            raise TypeError
    except (ValueError, KeyError, TypeError):
        # The output may hold a token: it is not quoted, and no cause is chained that would quote it.
        raise ConfigurationError(f"The credential plugin {plugin.command} printed no ExecCredential.") from None
    return status


def _tls(connection: Connection, *, certificate: bytes | None, key: bytes | None) -> ssl.SSLContext:
    where = f"context {connection.context!r}"
    try:
        context = ssl.create_default_context(cadata=connection.ca_pem) if connection.ca_pem else _system_trust()
    except ssl.SSLError as trouble:
        raise ConfigurationError(f"The certificate authority of {where} is not PEM: {trouble}.") from trouble
    if connection.insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if bool(certificate) != bool(key):
        raise ConfigurationError(f"The user of {where} has a client certificate or a key, but not both.")
    if certificate and key:
        try:
            with _as_file(certificate + b"\n" + key) as path:
                context.load_cert_chain(path, password=lambda: "")  # never ask a person in the middle of a run
        except (ssl.SSLError, OSError) as trouble:
            raise ConfigurationError(
                f"The client certificate or key of {where} cannot be used: {trouble}."
            ) from trouble
    return context


def _system_trust() -> ssl.SSLContext:
    return ssl.create_default_context()


@contextlib.contextmanager
def _as_file(secret: bytes) -> Iterator[str]:
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("credentials", os.MFD_CLOEXEC)
        try:
            os.write(descriptor, secret)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    with tempfile.NamedTemporaryFile() as file:  # mode 0600, removed at once
        file.write(secret)
        file.flush()
        yield file.name
