"""One request after another to one API server: errors by type, what is safe to repeat repeated, every try written down.

Repeated is: a GET that got no answer or a 429, 500, 502, 503, 504; anything that got a 429; anything whose connection
was refused before it was sent; and, once, anything that got a 401 when there are newer credentials. A POST or PATCH
that may have been carried out is never sent again: `errors.AnswerLost`.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import random
import ssl
import time
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp

from ai_conformance.kube import errors, poll, transcript
from ai_conformance.kube.credentials import Credentials
from ai_conformance.kube.kubeconfig import Connection

_TRIES = 6
_BACK_OFF_S = 0.2
_LONGEST_PAUSE_S = 30.0
"""A server that asks for more patience than this is reported instead."""
_SIDE_BY_SIDE = 32
"""Requests at the same time; watches come on top. More would only wait in the server's own queues."""
_TRY_AGAIN = frozenset({429, 500, 502, 503, 504})


@dataclasses.dataclass(frozen=True, kw_only=True)
class Answer:
    """A successful answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    method: str
    path: str

    @property
    def text(self) -> str:
        """The body as UTF-8; what is not is replaced."""
        return self.body.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """The body as JSON. Raises `errors.Unintelligible`."""
        try:
            return json.loads(self.body)
        except ValueError as trouble:
            raise errors.Unintelligible(
                "the answer is not JSON", status=self.status, method=self.method, path=self.path
            ) from trouble


@dataclasses.dataclass
class _Sent:
    """What the transcript needs to know of a try while it goes on."""

    status: int | None = None
    received_bytes: int = 0


class Transport:
    """The connections to one server. Shared by all sessions that act on it."""

    def __init__(self, connection: Connection, *, record: transcript.Transcript, timeout_s: float) -> None:
        self.connection = connection
        self.record = record
        self._credentials = Credentials(connection)
        self._timeout_s = timeout_s
        self._slots = asyncio.Semaphore(_SIDE_BY_SIDE)
        self._proxy = connection.proxy or _proxy_of_environment(connection.server)
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            auto_decompress=True,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        # The library would send a PUT or DELETE again by itself, unseen by the transcript; a test guards the name.
        self._http._retry_connection = False

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close()

    async def request(
        self,
        method: str,
        path: str,
        *,
        actor: str,
        headers: Mapping[str, str],
        params: Mapping[str, str],
        body: bytes | None,
        timeout_s: float | None,
    ) -> Answer:
        """Send, repeat what may be repeated, and give the successful answer or raise an `errors.ApiError`."""
        renewed = False
        tries = 0
        while True:
            try:
                return await self._once(
                    method,
                    path,
                    actor=actor,
                    headers=headers,
                    params=params,
                    body=body,
                    timeout_s=timeout_s,
                    retry=tries,
                )
            except errors.Unauthorized:
                if renewed or not await self._credentials.renew():
                    raise
                renewed = True
            except errors.ApiError as trouble:
                pause_s = _BACK_OFF_S * 2**tries * random.uniform(0.75, 1.25)  # noqa: S311 - jitter is no secret
                asked_s = float(trouble.details.get("retryAfterSeconds") or 0)
                tries += 1
                if tries >= _TRIES or asked_s > _LONGEST_PAUSE_S or not _may_repeat(method, trouble):
                    raise
                await poll.pause(max(pause_s, asked_s))

    async def _once(
        self,
        method: str,
        path: str,
        *,
        actor: str,
        headers: Mapping[str, str],
        params: Mapping[str, str],
        body: bytes | None,
        timeout_s: float | None,
        retry: int,
    ) -> Answer:
        limit = aiohttp.ClientTimeout(total=timeout_s or self._timeout_s, sock_connect=10)
        async with self._slots:
            sending = self.streamed(
                method, path, actor=actor, headers=headers, params=params, body=body, limit=limit, retry=retry
            )
            async with sending as (answer, sent):
                content = await answer.read()
                sent.received_bytes = len(content)
                return Answer(status=answer.status, headers=answer.headers, body=content, method=method, path=path)

    @contextlib.asynccontextmanager
    async def streamed(
        self,
        method: str,
        path: str,
        *,
        actor: str,
        headers: Mapping[str, str],
        params: Mapping[str, str],
        limit: aiohttp.ClientTimeout,
        body: bytes | None = None,
        retry: int = 0,
    ) -> AsyncIterator[tuple[aiohttp.ClientResponse, _Sent]]:
        """One try whose answer is still to be read; errors of the library do not leave this block."""
        begun, at, sent = time.monotonic(), transcript.now(), _Sent()
        trouble = ""
        try:
            with self.translated(method, path):
                async with self._http.request(
                    method,
                    self.url(path),
                    params=params,
                    data=body,
                    headers={**headers, **await self._credentials.header()},
                    timeout=limit,
                    allow_redirects=False,
                    **self._route(),
                ) as answer:
                    sent.status = answer.status
                    if not 200 <= answer.status < 300:
                        raise _refusal(answer, await answer.read(), method=method, path=path)
                    yield answer, sent
        except errors.KubeError as error:
            trouble = type(error).__name__
            raise
        finally:
            self.record.add(
                transcript.Entry(
                    at=at,
                    actor=actor,
                    method=method,
                    path=transcript.shown(path, params),
                    status=sent.status,
                    duration_s=time.monotonic() - begun,
                    sent_bytes=len(body or b""),
                    received_bytes=sent.received_bytes,
                    retry=retry,
                    trouble=trouble,
                )
            )

    @contextlib.asynccontextmanager
    async def websocket(
        self,
        path: str,
        *,
        actor: str,
        headers: Mapping[str, str],
        params: list[tuple[str, str]],
        protocols: tuple[str, ...],
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        """A websocket (exec, port-forward). A refused upgrade is the API's error, as for any request."""
        begun, at, status, trouble = time.monotonic(), transcript.now(), None, ""
        url = f"{self.url(path)}?{urllib.parse.urlencode(params)}"
        try:
            with self.translated("GET", path):
                async with self._http.ws_connect(
                    url,
                    protocols=protocols,
                    headers={**headers, **await self._credentials.header()},
                    max_msg_size=0,
                    autoping=True,
                    **self._route(),
                ) as socket:
                    status = 101
                    yield socket
        except errors.KubeError as error:
            status, trouble = getattr(error, "status", None), type(error).__name__
            raise
        finally:
            entry = transcript.Entry(
                at=at,
                actor=actor,
                method="GET",
                path=path,
                status=status,
                duration_s=time.monotonic() - begun,
                sent_bytes=0,
                received_bytes=0,
                trouble=trouble,
            )
            self.record.add(entry)

    def url(self, path: str) -> str:
        """The whole address of a path that begins with a slash."""
        return self.connection.server + urllib.parse.quote(path, safe="/:@!$&'()*+,;=~%")

    def _route(self) -> dict[str, Any]:
        route: dict[str, Any] = {"proxy": self._proxy}
        if self._credentials.tls is not None:
            route["ssl"] = self._credentials.tls
            route["server_hostname"] = self.connection.tls_server_name
        return route

    @contextlib.contextmanager
    def translated(self, method: str, path: str) -> Any:
        """No exception of the HTTP library leaves this block."""
        server = self.connection.server
        lost = errors.Unreachable if method in ("GET", "HEAD") else errors.AnswerLost
        try:
            yield
        except aiohttp.WSServerHandshakeError as trouble:
            # The library drops the body, and with it the server's own words.
            refused = "the server does not open this stream; is the pod there, and its container running?"
            raise errors.from_status(trouble.status, method=method, path=path, message=refused) from trouble
        except (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError, ssl.SSLError) as trouble:
            raise errors.Unreachable(
                f"the certificate of {server} is not accepted, or ours is not: {_first_words(trouble)}",
                reason="Certificate",
                method=method,
                path=path,
            ) from trouble
        except (
            aiohttp.ClientConnectorError,
            aiohttp.ConnectionTimeoutError,
            aiohttp.ClientProxyConnectionError,
        ) as trouble:
            raise errors.Unreachable(
                f"{server} cannot be connected to: {_first_words(trouble)}", reason="NotSent", method=method, path=path
            ) from trouble
        except TimeoutError as trouble:
            raise lost(f"{server} did not answer in time", reason="Timeout", method=method, path=path) from trouble
        except aiohttp.InvalidURL as trouble:
            raise errors.ConfigurationError(f"{server} is no address of a server: {trouble}.") from trouble
        except (aiohttp.ClientError, OSError) as trouble:
            raise lost(
                f"{server} broke the connection: {_first_words(trouble)}", reason="Broken", method=method, path=path
            ) from trouble


def _may_repeat(method: str, trouble: errors.ApiError) -> bool:
    if isinstance(trouble, errors.Unreachable):
        return trouble.reason == "NotSent" or (method == "GET" and trouble.reason != "Certificate")
    return trouble.status == 429 or (method == "GET" and trouble.status in _TRY_AGAIN)


def _refusal(answer: aiohttp.ClientResponse, body: bytes, *, method: str, path: str) -> errors.ApiError:
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    if not isinstance(said, dict) or said.get("kind") != "Status":
        said = {"message": body.decode("utf-8", errors="replace").strip()[:300], "reason": answer.reason or ""}
    details = dict(said.get("details") or {})
    patience = answer.headers.get("Retry-After", "")
    if patience.isdigit():  # the API sends seconds, never a date
        details["retryAfterSeconds"] = int(patience)
    return errors.from_status(
        answer.status,
        method=method,
        path=path,
        reason=str(said.get("reason") or ""),
        message=str(said.get("message") or ""),
        details=details,
    )


def _first_words(trouble: BaseException) -> str:
    return (str(trouble) or type(trouble).__name__).split("\n", 1)[0][:300]


def _proxy_of_environment(server: str) -> str | None:
    address = urllib.parse.urlsplit(server)
    if urllib.request.proxy_bypass(address.hostname or ""):
        return None
    return urllib.request.getproxies().get(address.scheme)
