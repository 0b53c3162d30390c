"""The extension server's process: `python -m ai_conformance.lab.gateway_extension --way WAY`."""

from __future__ import annotations

import argparse
from concurrent import futures
from typing import Any

import grpc

from ai_conformance.lab.account import Account, ApiTrouble
from ai_conformance.lab.gateway_extension import PORT, Way
from ai_conformance.lab.gateway_extension.changes import changed, messages

_SERVICE = "envoygateway.extension.EnvoyGatewayExtension"
_METHOD = "PostTranslateModify"
_ROUTES = "/apis/gateway.networking.k8s.io/v1/httproutes"


def _route_was_changed(account: Account) -> bool:
    """Whether any HTTPRoute is not as it was created."""
    routes = (account.get(_ROUTES) or {}).get("items") or ()
    return any(int(one["metadata"].get("generation", 1)) > 1 for one in routes)


def handler(*, way: Way, account: Account) -> Any:
    """The method that Envoy Gateway calls."""

    def translate(request: Any, context: Any) -> Any:
        if way is Way.STALE:
            try:
                refuse = _route_was_changed(account)
            except ApiTrouble as trouble:
                context.abort(grpc.StatusCode.UNAVAILABLE, str(trouble))
            if refuse:
                # Envoy Gateway then publishes nothing, and says so in its own log alone.
                context.abort(grpc.StatusCode.FAILED_PRECONDITION, "a route was changed")
        return changed(request, way=way)

    return grpc.unary_unary_rpc_method_handler(
        translate,
        request_deserializer=messages.TranslateRequest.FromString,
        response_serializer=messages.TranslateResponse.SerializeToString,
    )


def service(method: Any) -> Any:
    """The method under the name that Envoy Gateway calls it by."""
    return grpc.method_handlers_generic_handler(_SERVICE, {_METHOD: method})


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="python -m ai_conformance.lab.gateway_extension", description=__doc__)
    parser.add_argument("--way", type=Way, choices=list(Way), required=True)
    way = parser.parse_args().way
    server = grpc.server(futures.ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((service(handler(way=way, account=Account())),))
    server.add_insecure_port(f"0.0.0.0:{PORT}")
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
