"""No connection outlives its session, even where the peer never says goodbye."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from ai_conformance.kube.sockets import Sockets
from ai_conformance.lab import pki

ANSWER = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nline\n\r\n"


@pytest.fixture
def silent_server(tmp_path: Path) -> Iterator[tuple[str, ssl.SSLContext]]:
    """The address of a server that answers a line and is never heard of again, and what to verify it by."""
    authority = pki.authority("test")
    pair = pki.issue(authority, common_name="127.0.0.1", addresses=["127.0.0.1"])
    (tmp_path / "ca.crt").write_bytes(authority.certificate_pem)
    (tmp_path / "tls.pem").write_bytes(pair.certificate_pem + pair.key_pem)
    inside = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    inside.load_cert_chain(tmp_path / "tls.pem")
    over = threading.Event()

    def serve(listener: socket.socket) -> None:
        with contextlib.suppress(OSError), inside.wrap_socket(listener.accept()[0], server_side=True) as peer:
            peer.recv(65536)
            peer.sendall(ANSWER)
            over.wait(60)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=[listener])
        thread.start()
        yield (
            f"https://127.0.0.1:{listener.getsockname()[1]}/",
            ssl.create_default_context(cafile=str(tmp_path / "ca.crt")),
        )
        over.set()
        thread.join()


async def test_a_cancelled_request_leaves_no_socket_open(silent_server: tuple[str, ssl.SSLContext]) -> None:
    url, tls = silent_server
    sockets, heard = Sockets(), asyncio.Event()

    async def read(http: aiohttp.ClientSession) -> None:
        async with http.get(url, ssl=tls) as answer:
            async for _ in answer.content.iter_any():
                heard.set()

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, socket_factory=sockets.make)) as http:
        reader = asyncio.create_task(read(http))
        async with asyncio.timeout(60):
            await heard.wait()
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
    assert len(sockets.open) == 1, "the library waits for the peer's goodbye"
    await sockets.end()
    assert sockets.open == []


async def test_a_socket_that_never_was_connected_is_no_trouble() -> None:
    sockets = Sockets()
    made = sockets.make((socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 1)))
    with made:
        await sockets.end()
        assert sockets.open == [made]
    assert sockets.open == []
