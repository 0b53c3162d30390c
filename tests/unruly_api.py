"""A proxy before an API server that misbehaves as networks and busy servers do, to see what the tool makes of it.

Requests, watches and websockets (exec) pass through; a `Trouble` decides what happens to each. The proxy listens on
loopback without TLS and speaks to the server as the kubeconfig says that it was given.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from ai_conformance.kube import kubeconfig
from api_troubles import Ask, Mischief, Trouble

_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade", "host", "content-length", "content-encoding"}


def nobody(_ask: Ask) -> str:
    """Everybody keeps their own account."""
    return ""


@contextlib.asynccontextmanager
async def unruly(
    server: Path, trouble: Trouble, *, folder: Path, account: Callable[[Ask], str] = nobody
) -> AsyncIterator[tuple[Path, Unruly]]:
    """A proxy before the server of a kubeconfig; yields the kubeconfig that leads to the proxy, and the proxy.

    ``account`` says in whose name the server is asked, by impersonation; empty is the kubeconfig's own user.
    """
    connection = kubeconfig.load(server)
    trust = ssl.create_default_context(cadata=connection.ca_pem)
    pair = folder / "client.pem"
    assert connection.client_certificate_pem is not None
    assert connection.client_key_pem is not None
    pair.write_bytes(connection.client_certificate_pem + b"\n" + connection.client_key_pem)
    trust.load_cert_chain(pair)
    connector = aiohttp.TCPConnector(ssl=trust, limit=0)
    async with aiohttp.ClientSession(connector=connector, auto_decompress=False) as upstream:
        proxy = Unruly(upstream, server=connection.server, trouble=trouble, account=account)
        app = web.Application(client_max_size=2**26)
        app.router.add_route("*", "/{rest:.*}", proxy.handle)
        # A watch that nobody reads any more would wait for ever.
        runner = web.AppRunner(app, shutdown_timeout=1.0, handler_cancellation=True)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        file = folder / "kubeconfig"
        file.write_text(
            json.dumps(
                {
                    "apiVersion": "v1",
                    "kind": "Config",
                    "current-context": "unruly",
                    "clusters": [{"name": "c", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
                    "users": [{"name": "u", "user": {}}],
                    "contexts": [{"name": "unruly", "context": {"cluster": "c", "user": "u"}}],
                }
            )
        )
        try:
            yield file, proxy
        finally:
            await runner.cleanup()


class Unruly:
    """The proxy."""

    def __init__(
        self, upstream: aiohttp.ClientSession, *, server: str, trouble: Trouble, account: Callable[[Ask], str]
    ) -> None:
        self._upstream, self._server, self._trouble, self._account = upstream, server, trouble, account
        self._number = 0
        self.struck = 0
        """How many requests something happened to."""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """One request from its beginning to its end."""
        self._number += 1
        ask = Ask(
            number=self._number,
            method=request.method,
            path=request.path,
            watches=request.query.get("watch") in ("true", "1"),
            upgrades=request.headers.get("Upgrade", "").lower() == "websocket",
            actor=request.headers.get("User-Agent", "").rpartition("(")[2].rstrip(")"),
            begins_with_state=request.query.get("sendInitialEvents") == "true",
            is_dry_run="dryRun" in request.query,
        )
        mischief = self._trouble.strikes(ask)
        self.struck += mischief is not None
        mischief = mischief or Mischief()
        await asyncio.sleep(mischief.wait_s)
        if mischief.status:
            return _refusal(mischief)
        if mischief.unsent:
            return _broken(request)
        if ask.upgrades:
            return await self._websocket(request, ask)
        return await self._passed(request, ask, mischief)

    def _headers(self, request: web.Request, ask: Ask) -> dict[str, str]:
        passed = {name: value for name, value in request.headers.items() if name.lower() not in _HOP}
        account = self._account(ask)
        return {**passed, "Impersonate-User": account} if account else passed

    async def _passed(self, request: web.Request, ask: Ask, mischief: Mischief) -> web.StreamResponse:
        asked = self._upstream.request(
            request.method,
            f"{self._server}{request.raw_path}",
            headers=self._headers(request, ask),
            data=await request.read() or None,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None),
        )
        # Who has asked may be gone by now.
        with contextlib.suppress(ConnectionError):
            return await self._told(request, asked, mischief)
        return _broken(request)

    async def _told(self, request: web.Request, asked: Any, mischief: Mischief) -> web.StreamResponse:
        async with asked as answer:
            if mischief.unanswered:
                await answer.read()
                return _broken(request)
            said = web.StreamResponse(status=answer.status)
            for name, value in answer.headers.items():
                if name.lower() not in _HOP - {"content-encoding"}:
                    said.headers[name] = value
            if mischief.torn:
                said.content_length = max(len(await answer.read()), 2)
                await said.prepare(request)
                await said.write((await answer.read())[: said.content_length // 2])
                return _broken(request)
            await said.prepare(request)
            if mischief.watch_is_gone:
                gone = {"kind": "Status", "status": "Failure", "code": 410, "reason": "Expired", "message": "too old"}
                await said.write(json.dumps({"type": "ERROR", "object": gone}).encode() + b"\n")
            else:
                with contextlib.suppress(TimeoutError, ConnectionError):
                    async with asyncio.timeout(mischief.watch_ends_after_s):
                        async for piece in answer.content.iter_any():
                            await said.write(piece)
            with contextlib.suppress(ConnectionError):
                await said.write_eof()
            return said

    async def _websocket(self, request: web.Request, ask: Ask) -> web.StreamResponse:
        protocols = tuple(request.headers.get("Sec-WebSocket-Protocol", "").replace(" ", "").split(","))
        own = {
            name: value for name, value in self._headers(request, ask).items() if not name.lower().startswith("sec-")
        }
        address = f"{self._server}{request.raw_path}"
        try:
            return await self._relayed(request, address, protocols=protocols, headers=own)
        except aiohttp.WSServerHandshakeError as refused:
            return _refusal(Mischief(status=refused.status))

    async def _relayed(
        self, request: web.Request, address: str, *, protocols: tuple[str, ...], headers: dict[str, str]
    ) -> web.StreamResponse:
        async with self._upstream.ws_connect(address, protocols=protocols, headers=headers, max_msg_size=0) as far:
            near = web.WebSocketResponse(protocols=[far.protocol] if far.protocol else [], max_msg_size=0)
            await near.prepare(request)
            ways = [asyncio.create_task(_pour(near, far)), asyncio.create_task(_pour(far, near))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            await asyncio.gather(near.close(), far.close())
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            return near


async def _pour(source: Any, sink: Any) -> None:
    send: dict[aiohttp.WSMsgType, Callable[[Any], Awaitable[None]]] = {
        aiohttp.WSMsgType.BINARY: sink.send_bytes,
        aiohttp.WSMsgType.TEXT: sink.send_str,
    }
    async for message in source:
        await send[message.type](message.data)


def _refusal(mischief: Mischief) -> web.Response:
    code = mischief.status
    body = {"kind": "Status", "status": "Failure", "code": code, "message": "made up by a test", "details": {}}
    headers = {"Retry-After": str(mischief.retry_after_s)} if mischief.retry_after_s else {}
    return web.json_response(body, status=code, headers=headers)


def _broken(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response()
