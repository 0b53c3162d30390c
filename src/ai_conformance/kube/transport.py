"""One request after another to one API server: errors by type, what is safe to repeat repeated, every try written down.

Repeated is: a GET that got no answer or a 429, 500, 502, 503, 504; anything that got a 429; anything whose connection
was refused before it was sent; a DELETE of an object by its UID, like a GET; and, once, anything that got a 401 when
there are newer credentials. A POST or PATCH that may have been carried out is never sent again: `errors.AnswerLost`.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
import random
import urllib.parse
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any

import aiohttp

from ai_conformance.kube import admission, clock, errors, poll, transcript, translation
from ai_conformance.kube.credentials import Credentials
from ai_conformance.kube.kubeconfig import Connection
from ai_conformance.kube.outages import Outages
from ai_conformance.kube.sockets import Sockets

_TRIES = 6
_BACK_OFF_S = 0.2
_LONGEST_PAUSE_S = 30.0
"""A server that asks for more patience than this is reported instead."""
_SIDE_BY_SIDE = 32
"""Requests at the same time; watches come on top. More would only wait in the server's own queues."""
_TRY_AGAIN = frozenset({429, 500, 502, 503, 504})
APPLY_PATCH = "application/apply-patch+yaml"
"""Of a server-side apply, which says what shall be there and can be sent as often as one likes."""


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


@dataclasses.dataclass(kw_only=True)
class _Recording:
    """What the transcript needs to know of a try while it goes on."""

    actor: str
    method: str
    path: str
    retry: int = 0
    status: int | None = None
    sent_bytes: int = 0
    received_bytes: int = 0


class Transport:
    """The connections to one server. Shared by all sessions that act on it."""

    def __init__(self, connection: Connection, *, record: transcript.Transcript, timeout_s: float) -> None:
        self.connection = connection
        self.record = record
        self.outages = Outages()
        self._credentials = Credentials(connection)
        self._timeout_s = timeout_s
        self._slots = asyncio.Semaphore(_SIDE_BY_SIDE)
        self._proxy = connection.proxy or _proxy_of_environment(connection.server)
        self._sockets = Sockets()
        self._http = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, socket_factory=self._sockets.make),
            auto_decompress=True,
            cookie_jar=aiohttp.DummyCookieJar(),
        )
        # The library would send a PUT or DELETE again by itself, unseen by the transcript; a test guards the name.
        self._http._retry_connection = False

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close()
        await self._sockets.end()

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
        repeatable: bool = False,
    ) -> Answer:
        """Send, repeat what may be repeated, and give the successful answer or raise an `errors.ApiError`.

        ``repeatable``: that it is carried out twice makes no difference, which is known here of some requests only.
        """
        renewed = False
        tries = 0
        repeatable = repeatable or method == "GET" or headers.get("Content-Type") == APPLY_PATCH
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
                pause_s = patience_s(trouble, tries=tries, repeatable=repeatable, jitter=_jitter())
                if pause_s is None:
                    raise
                tries += 1
                await poll.pause(pause_s)

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
    ) -> AsyncIterator[tuple[aiohttp.ClientResponse, _Recording]]:
        """One try whose answer is still to be read; errors of the library do not leave this block."""
        entry = _Recording(actor=actor, method=method, path=transcript.shown(path, params), retry=retry)
        entry.sent_bytes = len(body or b"")
        with self._recorded(entry), translation.translated(method, path, server=self.connection.server):
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
                entry.status = answer.status
                self.outages.answered()
                if not 200 <= answer.status < 300:
                    raise translation.refusal(answer, await answer.read(), method=method, path=path)
                yield answer, entry

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
        url = f"{self.url(path)}?{urllib.parse.urlencode(params)}"
        entry = _Recording(actor=actor, method="GET", path=path)
        with self._recorded(entry), translation.translated("GET", path, server=self.connection.server):
            async with self._http.ws_connect(
                url,
                protocols=protocols,
                headers={**headers, **await self._credentials.header()},
                max_msg_size=0,
                autoping=True,
                **self._route(),
            ) as socket:
                entry.status = 101
                self.outages.answered()
                yield socket

    @contextlib.contextmanager
    def _recorded(self, entry: _Recording) -> Iterator[None]:
        """Write one try down when it is over, however it ended."""
        begun, at, trouble = clock.monotonic(), clock.now(), ""
        try:
            yield
        except errors.KubeError as error:
            entry.status = entry.status or getattr(error, "status", None)
            trouble = type(error).__name__
            if isinstance(error, errors.Unreachable):
                self.outages.failed(begun=begun)
            raise
        finally:
            self.record.add(
                transcript.Entry(
                    at=at, duration_s=clock.monotonic() - begun, trouble=trouble, **dataclasses.asdict(entry)
                )
            )

    def url(self, path: str) -> str:
        """The whole address of a path that begins with a slash."""
        return self.connection.server + urllib.parse.quote(path, safe="/:@!$&'()*+,;=~%")

    def _route(self) -> dict[str, Any]:
        route: dict[str, Any] = {"proxy": self._proxy}
        if self._credentials.tls is not None:
            route["ssl"] = self._credentials.tls
            route["server_hostname"] = self.connection.tls_server_name
        return route


def patience_s(trouble: errors.ApiError, *, tries: int, repeatable: bool, jitter: float) -> float | None:
    """How long to wait before a request is sent again that failed after so many repetitions; None: not again.

    ``repeatable``: that it is carried out twice makes no difference. ``jitter``, from 0 to 1, keeps those who failed
    together from coming back together.
    """
    asked_s = float(trouble.details.get("retryAfterSeconds") or 0)
    back_off_s: float = _BACK_OFF_S * 2**tries * (0.75 + jitter / 2)
    if tries + 1 >= _TRIES or asked_s > _LONGEST_PAUSE_S or not _may_repeat(trouble, repeatable=repeatable):
        return None
    return max(asked_s, back_off_s)


def _jitter() -> float:
    # What is below a request is not in a recording, which has the answer only: here chance need not be foreseen.
    return random.random()  # noqa: S311 - it is no secret


def _may_repeat(trouble: errors.ApiError, *, repeatable: bool) -> bool:
    if isinstance(trouble, errors.Unreachable):
        return trouble.reason == "NotSent" or (repeatable and trouble.reason != "Certificate")
    if isinstance(trouble, errors.Denied):
        return admission.passes_soon(trouble.message)
    return trouble.status == 429 or (repeatable and trouble.status in _TRY_AGAIN)


def _proxy_of_environment(server: str) -> str | None:
    address = urllib.parse.urlsplit(server)
    if urllib.request.proxy_bypass(address.hostname or ""):
        return None
    return urllib.request.getproxies().get(address.scheme)
