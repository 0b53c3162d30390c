"""What is done to a configuration, by way."""

from __future__ import annotations

from typing import Any

import grpc

from ai_conformance.lab.gateway_extension import Way

_MANAGER = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
_LUA = "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua"
_HOLD_BACK = "function envoy_on_response(handle) handle:body() end"
"""Whoever asks for the body gets it when it is whole, and only then does the answer go on."""

messages: Any = grpc.protos("ai_conformance/lab/gateway_extension/protos/envoy.proto")


def changed(request: Any, *, way: Way) -> Any:
    """The answer to a TranslateRequest; the request is used up."""
    if way is Way.WEIGHTS_IGNORED:
        for cluster in request.clusters:
            # The default that is left is round robin over all endpoints, whatever the weights of their localities.
            cluster.ClearField("common")
            cluster.ClearField("policy")
    for route in request.routes:
        for host in route.virtual_hosts:
            _change_routes(host, way=way)
    if way is Way.BUFFERED:
        for listener in request.listeners:
            for chain in (*listener.filter_chains, listener.default_filter_chain):
                _hold_back(chain)
    return messages.TranslateResponse(
        clusters=request.clusters, secrets=request.secrets, listeners=request.listeners, routes=request.routes
    )


def _change_routes(host: Any, *, way: Way) -> None:
    if way is Way.NO_ROUTES:
        del host.routes[:]
    if way is Way.CONDITIONS_ORED:
        kept = list(host.routes)
        del host.routes[:]
        for route in kept:
            host.routes.extend(_either(route))


def _either(route: Any) -> list[Any]:
    """A route for the path and one for the headers, where there was one for both."""
    if not route.match.headers:
        return [route]
    by_headers = messages.Route()
    by_headers.CopyFrom(route)
    by_headers.match.prefix = "/"
    by_headers.name = f"{route.name}/headers"
    by_path = messages.Route()
    by_path.CopyFrom(route)
    del by_path.match.headers[:]
    return [by_headers, by_path]


def _hold_back(chain: Any) -> None:
    for network in chain.filters:
        if network.typed_config.type_url != _MANAGER:
            continue
        manager = messages.HttpConnectionManager.FromString(network.typed_config.value)
        lua = messages.Lua(default_source_code=messages.DataSource(inline_string=_HOLD_BACK))
        added = messages.NamedFilter(
            name="envoy.filters.http.lua",
            typed_config=messages.Any(type_url=_LUA, value=lua.SerializeToString()),
        )
        filters = [added, *manager.http_filters]
        del manager.http_filters[:]
        manager.http_filters.extend(filters)
        network.typed_config.value = manager.SerializeToString()
