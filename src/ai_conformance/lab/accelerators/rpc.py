"""The gRPC plumbing that both drivers need: messages from our own .proto files, a server on a Unix socket."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from concurrent import futures
from pathlib import Path
from typing import Any

import grpc

_THREADS = 4
"""The kubelet prepares one pod's claims at a time per driver; one thread is held by each stream."""


def messages(name: str) -> Any:
    """The message classes of `protos/<name>.proto`, compiled at start: 0.1 s, and no generated code to keep."""
    return grpc.protos(f"ai_conformance/lab/accelerators/protos/{name}.proto")


def unary(handler: Callable[[Any, Any], Any], *, request: Any, response: Any) -> Any:
    """A method with one request and one response."""
    return grpc.unary_unary_rpc_method_handler(
        handler, request_deserializer=request.FromString, response_serializer=response.SerializeToString
    )


def streaming(handler: Callable[[Any, Any], Any], *, request: Any, response: Any) -> Any:
    """A method that answers one request with a stream."""
    return grpc.unary_stream_rpc_method_handler(
        handler, request_deserializer=request.FromString, response_serializer=response.SerializeToString
    )


def serve(socket: Path, *, services: Mapping[str, Mapping[str, Any]]) -> Any:
    """A running server on a socket that is made anew; RuntimeError if it cannot be bound."""
    socket.parent.mkdir(parents=True, exist_ok=True)
    socket.unlink(missing_ok=True)
    server = grpc.server(futures.ThreadPoolExecutor(_THREADS), options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers(
        tuple(grpc.method_handlers_generic_handler(name, dict(methods)) for name, methods in services.items())
    )
    server.add_insecure_port(f"unix:{socket}")
    server.start()
    return server


def file_name(text: str) -> str:
    """A name that may contain slashes, as a part of a file's name."""
    return re.sub(r"[^A-Za-z0-9.-]", "-", text)
