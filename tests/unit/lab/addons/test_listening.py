"""An operator is installed when every server of its webhooks takes connections, not when one of them answers."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from ai_conformance.kube import poll
from ai_conformance.kube.session import ObjectList
from ai_conformance.lab.addons.managers import webhook_services
from ai_conformance.lab.addons.site import Site


class Endpoints:
    """A session that knows two servers of one Service, one of which is not ready."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def list(self, resource: object, namespace: str, *, label_selector: str) -> ObjectList:
        assert (namespace, label_selector) == ("lws-system", "kubernetes.io/service-name=hook")
        ready, other = (
            {"addresses": [address], "conditions": {"ready": ready}}
            for address, ready in (("127.0.0.1", True), ("192.0.2.1", False))
        )
        return ObjectList(items=({"endpoints": [ready, other], "ports": [{"port": self._port}]},), resource_version="1")


async def test_a_server_that_does_not_listen_yet_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    begun: list[asyncio.Server] = []

    async def begin(_: float) -> None:
        begun.append(await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", port))

    monkeypatch.setattr(poll, "pause", begin)
    site = Site(
        lab=cast(Any, None), session=cast(Any, Endpoints(port)), workshop=cast(Any, None), ledger=cast(Any, None)
    )
    await site.listening({("lws-system", "hook")})
    assert len(begun) == 1
    begun[0].close()


def test_the_services_are_those_that_webhook_configurations_have_called() -> None:
    service = {"namespace": "lws-system", "name": "hook", "port": 443}
    hooks = [{"clientConfig": {"service": service}}, {"clientConfig": {"url": "https://hook.example.com"}}]
    objects = [
        {"kind": "Service", "metadata": {"name": "metrics"}},
        {"kind": "ValidatingWebhookConfiguration", "webhooks": hooks},
        {"kind": "MutatingWebhookConfiguration"},
    ]
    assert webhook_services(objects) == {("lws-system", "hook")}
