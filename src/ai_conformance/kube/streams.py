"""Streams into a pod over websockets: commands (remotecommand v5, v4) and forwarded ports.

Source: Kubernetes' remotecommand protocol (channel byte first; 1 stdout, 2 stderr, 3 the final Status) and the
port-forward protocol v4.channel.k8s.io (per port a data and an error channel, each beginning with the port number).
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import json
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import aiohttp

from ai_conformance.kube import errors
from ai_conformance.kube.transport import Transport

_STDOUT, _STDERR, _STATUS = 1, 2, 3
_ASKED_S = 10.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class ExecResult:
    """What a command did. A result exists only where the server has told how it ended."""

    stdout: str
    stderr: str
    exit_code: int


async def execute(
    transport: Transport,
    path: str,
    *,
    actor: str,
    headers: Mapping[str, str],
    container: str,
    command: tuple[str, ...],
    timeout_s: float,
    stdout_to: Callable[[bytes], object] | None = None,
) -> ExecResult:
    """See `Session.exec`."""
    params = [("container", container), ("stdout", "true"), ("stderr", "true")]
    params += [("command", word) for word in command]
    output: dict[int, bytearray] = {_STDOUT: bytearray(), _STDERR: bytearray(), _STATUS: bytearray()}
    shown = " ".join(command)[:200]
    try:
        async with (
            asyncio.timeout(timeout_s),
            transport.websocket(
                path,
                actor=actor,
                headers=_upgrade(headers),
                params=params,
                protocols=("v5.channel.k8s.io", "v4.channel.k8s.io"),
            ) as socket,
        ):
            async for message in socket:
                if message.type is not aiohttp.WSMsgType.BINARY or not message.data:
                    continue
                if stdout_to is not None and message.data[0] == _STDOUT:
                    stdout_to(message.data[1:])
                else:
                    output.setdefault(message.data[0], bytearray()).extend(message.data[1:])
    except TimeoutError as trouble:
        raise errors.TimedOut(f"the command {shown!r} in {path}", after_s=timeout_s) from trouble
    except errors.ApiError as refused:
        denial = await _denial(transport, path, actor=actor, headers=headers, params=dict(params), refused=refused)
        if denial is not None:
            raise denial from refused
        raise
    return ExecResult(
        stdout=output[_STDOUT].decode("utf-8", errors="replace"),
        stderr=output[_STDERR].decode("utf-8", errors="replace"),
        exit_code=_exit_code(bytes(output[_STATUS]), command=shown),
    )


async def _denial(
    transport: Transport,
    path: str,
    *,
    actor: str,
    headers: Mapping[str, str],
    params: Mapping[str, str],
    refused: errors.ApiError,
) -> errors.Denied | None:
    """What admission says to a command, where that is why no stream was opened; a refused stream tells no reason.

    The same is asked without a stream. That runs nothing: a server that does not deny it asks for a stream then.
    """
    if refused.status is None or not 400 <= refused.status < 500 or isinstance(refused, errors.NotFound):
        return None
    try:
        await transport.request("GET", path, actor=actor, headers=headers, params=params, body=None, timeout_s=_ASKED_S)
    except errors.Denied as denial:
        return denial
    except errors.ApiError:
        return None
    return None


def _upgrade(headers: Mapping[str, str]) -> Mapping[str, str]:
    """A stream has no media type: the server refuses one that asks for JSON (406)."""
    return {key: value for key, value in headers.items() if key != "Accept"}


def _exit_code(raw: bytes, *, command: str) -> int:
    if not raw:
        raise errors.ExecFailed(f"The connection ended before the command {command!r} did; its result is not known.")
    try:
        status: dict[str, Any] = json.loads(raw)
        if status["status"] == "Success":
            return 0
        causes = (status.get("details") or {}).get("causes") or ()
        if status.get("reason") == "NonZeroExitCode":
            return next(int(cause["message"]) for cause in causes if cause["reason"] == "ExitCode")
    except (ValueError, KeyError, TypeError, StopIteration) as trouble:
        raise errors.ExecFailed(f"How the command {command!r} ended is not known: {raw[:200]!r}.") from trouble
    raise errors.ExecFailed(f"The command {command!r} was not run: {status.get('message', 'no reason given')}.")


@contextlib.asynccontextmanager
async def forward(
    transport: Transport, path: str, *, actor: str, headers: Mapping[str, str], port: int
) -> AsyncIterator[tuple[str, int]]:
    """See `Session.port_forward`. Each local connection is a websocket of its own; the address is loopback only."""
    relays: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with transport.websocket(
                path,
                actor=actor,
                headers=_upgrade(headers),
                params=[("ports", str(port))],
                protocols=("v4.channel.k8s.io",),
            ) as socket:
                await _relay(socket, reader=reader, writer=writer)
        except (errors.KubeError, ConnectionError):
            # The peer sees a closed connection, as it would of the port itself; the transcript has the reason.
            return
        finally:
            writer.close()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relay = asyncio.create_task(serve(reader, writer))
        relays.add(relay)
        relay.add_done_callback(relays.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    try:
        host, local_port = server.sockets[0].getsockname()[:2]
        yield str(host), int(local_port)
    finally:
        server.close()
        ending = tuple(relays)
        for relay in ending:
            relay.cancel()
        await asyncio.gather(*ending, return_exceptions=True)


async def _relay(
    socket: aiohttp.ClientWebSocketResponse, *, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    async def outwards() -> None:
        while chunk := await reader.read(65536):
            await socket.send_bytes(b"\x00" + chunk)
        await socket.close()

    async def inwards() -> None:
        greeted: set[int] = set()
        async for message in socket:
            if message.type is not aiohttp.WSMsgType.BINARY or not message.data:
                continue
            channel, content = message.data[0], message.data[1:]
            if channel not in greeted:  # the first frame of each channel repeats the port
                greeted.add(channel)
                continue
            if channel == 1:
                raise errors.ExecFailed(f"The port cannot be forwarded: {content.decode(errors='replace')}")
            writer.write(content)
            await writer.drain()

    sending = asyncio.create_task(outwards())
    try:
        await inwards()
    finally:
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)
