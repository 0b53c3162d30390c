"""The extension server over a connection, as Envoy Gateway calls it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent import futures
from typing import Any

import grpc
import pytest

from ai_conformance.lab.account import ApiTrouble
from ai_conformance.lab.gateway_extension import Way
from ai_conformance.lab.gateway_extension.__main__ import handler, service
from ai_conformance.lab.gateway_extension.changes import messages


class Api:
    """An API server with HTTPRoutes of these generations; None: it does not answer."""

    def __init__(self) -> None:
        self.generations: list[int] | None = [1]

    def get(self, _path: str) -> dict[str, Any]:
        if self.generations is None:
            raise ApiTrouble("down")
        return {"items": [{"metadata": {"generation": one}} for one in self.generations]}


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def translate(api: Api) -> Iterator[Any]:
    """Calls a server that goes stale."""
    account: Any = api
    server = grpc.server(futures.ThreadPoolExecutor(1))
    server.add_generic_rpc_handlers((service(handler(way=Way.STALE, account=account)),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel.unary_unary(
            "/envoygateway.extension.EnvoyGatewayExtension/PostTranslateModify",
            request_serializer=messages.TranslateRequest.SerializeToString,
            response_deserializer=messages.TranslateResponse.FromString,
        )
    server.stop(None).wait()


def test_a_configuration_comes_back_until_a_route_is_changed(api: Api, translate: Any) -> None:
    request = messages.TranslateRequest(secrets=[b"one"])
    assert translate(request).secrets == [b"one"]
    api.generations = [1, 2]
    with pytest.raises(grpc.RpcError, match="a route was changed"):
        translate(request)


def test_what_cannot_be_asked_is_no_configuration_either(api: Api, translate: Any) -> None:
    api.generations = None
    with pytest.raises(grpc.RpcError, match="down"):
        translate(messages.TranslateRequest())
