"""The sockets below the HTTP library, so that none outlives its session.

A TLS connection whose request was cancelled is closed politely: the library lets go of it, and it stays open until the
peer has answered (30 s at most). An event loop that ends before that leaves the socket to the garbage collector.
"""

from __future__ import annotations

import contextlib
import socket
import weakref

from aiohttp import AddrInfoType

from ai_conformance.kube import poll

_PASSES = 100
"""Passes of the event loop; four were the most that were seen to be needed."""


class Sockets:
    """Makes sockets (``make`` is a socket factory as aiohttp wants one) and ends those that are still open."""

    def __init__(self) -> None:
        self._made: weakref.WeakSet[socket.socket] = weakref.WeakSet()

    def make(self, address: AddrInfoType) -> socket.socket:
        """A socket for an address as `socket.getaddrinfo` gives it."""
        family, kind, protocol, *_ = address
        made = socket.socket(family, kind, protocol)
        made.setblocking(False)
        self._made.add(made)
        return made

    @property
    def open(self) -> list[socket.socket]:
        """Those that are not closed."""
        return [one for one in self._made if one.fileno() != -1]

    async def end(self) -> None:
        """End all conversations, and return when their transports have seen it and closed the sockets."""
        for one in self.open:
            with contextlib.suppress(OSError):  # never connected, or reset by the peer
                one.shutdown(socket.SHUT_RDWR)
        for _ in range(_PASSES):
            if not self.open:
                return
            await poll.pause(0)
