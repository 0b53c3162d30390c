"""An operator is installed when every server of its webhooks takes connections, not when one of them answers."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from ai_conformance.kube import poll
from ai_conformance.kube.session import ObjectList
from ai_conformance.lab.addons.managers import webhook_ports
from ai_conformance.lab.addons.site import ServicePort, Site


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
        ports = [{"name": "https", "port": self._port}, {"name": "metrics", "port": 1}]
        return ObjectList(items=({"endpoints": [ready, other], "ports": ports},), resource_version="1")


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
    await site.listening([ServicePort(namespace="lws-system", service="hook", port="https")])
    assert len(begun) == 1
    begun[0].close()


def test_what_webhook_configurations_have_called_is_found_among_the_services() -> None:
    service = {"namespace": "lws-system", "name": "hook"}
    ports = [{"name": "https", "port": 443}, {"name": "metrics", "port": 8443}]
    hooks = [{"clientConfig": {"service": service}}, {"clientConfig": {"url": "https://hook.example.com"}}]
    objects = [
        {"kind": "Service", "metadata": {"namespace": "lws-system", "name": "metrics"}, "spec": {"ports": ports}},
        {"kind": "Service", "metadata": service, "spec": {"ports": ports}},
        {"kind": "ValidatingWebhookConfiguration", "webhooks": hooks},
        {"kind": "MutatingWebhookConfiguration"},
    ]
    assert webhook_ports(objects) == {ServicePort(namespace="lws-system", service="hook", port="https")}
