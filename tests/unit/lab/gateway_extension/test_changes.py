"""A configuration is spoilt as asked, and what is not known of it is kept."""

from __future__ import annotations

from typing import Any

import pytest

from ai_conformance.lab.gateway_extension import Way
from ai_conformance.lab.gateway_extension.changes import changed, messages

UNKNOWN = b"\xa2\x06\x03abc"
"""Field 100, which none of our messages has."""
MANAGER = "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"


def request() -> Any:
    both = messages.Route(match=messages.RouteMatch(prefix="/v1", headers=[messages.Empty()]), name="both")
    plain = messages.Route(match=messages.RouteMatch(exact="/x"), name="plain")
    manager = messages.HttpConnectionManager(http_filters=[messages.NamedFilter(name="router")])
    network = messages.NamedFilter(
        typed_config=messages.Any(type_url=MANAGER, value=manager.SerializeToString() + UNKNOWN)
    )
    made = messages.TranslateRequest(
        clusters=[messages.LoadBalancingConfiguration.FromString(UNKNOWN)],
        secrets=[b"secret"],
        listeners=[messages.Listener(default_filter_chain=messages.FilterChain(filters=[network]))],
        routes=[messages.RouteConfiguration(virtual_hosts=[messages.VirtualHost(routes=[both, plain])])],
    )
    made.clusters[0].policy.SetInParent()
    made.clusters[0].common.SetInParent()
    return made


def routes(answer: Any) -> list[str]:
    return [route.name for route in answer.routes[0].virtual_hosts[0].routes]


@pytest.mark.parametrize("way", list(Way))
def test_nothing_is_lost_that_is_not_meant(way: Way) -> None:
    answer = messages.TranslateResponse.FromString(changed(request(), way=way).SerializeToString())
    assert answer.secrets == [b"secret"]
    assert UNKNOWN in answer.clusters[0].SerializeToString()
    assert UNKNOWN in answer.listeners[0].SerializeToString()


def test_weights_are_ignored_by_another_way_of_balancing() -> None:
    cluster = changed(request(), way=Way.WEIGHTS_IGNORED).clusters[0]
    assert not cluster.HasField("policy")
    assert not cluster.HasField("common")


def test_one_of_two_conditions_is_enough() -> None:
    answer = changed(request(), way=Way.CONDITIONS_ORED)
    assert routes(answer) == ["both/headers", "both", "plain"]
    by_headers, by_path, _ = answer.routes[0].virtual_hosts[0].routes
    assert (by_headers.match.prefix, len(by_headers.match.headers)) == ("/", 1)
    assert (by_path.match.prefix, len(by_path.match.headers)) == ("/v1", 0)


def test_no_route_arrives() -> None:
    assert routes(changed(request(), way=Way.NO_ROUTES)) == []


def test_answers_are_held_back_before_anything_else() -> None:
    network = changed(request(), way=Way.BUFFERED).listeners[0].default_filter_chain.filters[0]
    manager = messages.HttpConnectionManager.FromString(network.typed_config.value)
    assert [one.name for one in manager.http_filters] == ["envoy.filters.http.lua", "router"]


def test_a_stale_data_plane_has_the_first_configuration_as_it_is() -> None:
    assert routes(changed(request(), way=Way.STALE)) == ["both", "plain"]
