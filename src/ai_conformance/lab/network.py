"""Bridge, links and routes of a lab on the host. No rule of the host's firewall is touched: pods are routed, not
translated."""

from __future__ import annotations

import contextlib
import ipaddress
import json
from collections.abc import Sequence
from pathlib import Path

from ai_conformance.lab import commands
from ai_conformance.lab.addresses import Addresses


def batch(lines: Sequence[str], *, enter: Sequence[str] = ()) -> None:
    """Run ``ip`` once for all lines, in a node's namespaces where ``enter`` is nsenter with its arguments."""
    commands.run([*enter, "ip", "-batch", "-"], stdin="\n".join(lines) + "\n")


def create_bridge(addresses: Addresses) -> None:
    bridge = addresses.bridge
    batch(
        [
            f"link add {bridge} type bridge",
            f"addr add {addresses.control_plane}/24 dev {bridge}",
            f"link set {bridge} up",
        ]
    )


def connect_node(addresses: Addresses, *, number: int, nodes: int, pid: int, enter: Sequence[str]) -> None:
    """Link node ``number``, whose pid 1 is ``pid``, to the bridge, with routes to and from its pods.

    The host reaches ClusterIPs through the first node's kube-proxy.
    """
    link, bridge, own = addresses.node_link(number), addresses.bridge, addresses.node(number)
    lines = [
        f"link add {link} type veth peer name eth0 netns {pid}",
        f"link set {link} master {bridge} up",
        f"route replace {addresses.node_pods(number)} via {own} dev {bridge} onlink",
    ]
    if number == 1:
        lines.append(f"route replace {addresses.services} via {own} dev {bridge} onlink")
    batch(lines)
    others = [other for other in range(1, nodes + 1) if other != number]
    batch(
        [
            "link set lo up",
            f"addr add {own}/24 dev eth0",
            "link set eth0 up",
            f"route replace default via {addresses.control_plane}",
            *(f"route replace {addresses.node_pods(other)} via {addresses.node(other)}" for other in others),
        ],
        enter=enter,
    )


def route_to_node(addresses: Addresses, *, number: int, enter: Sequence[str]) -> None:
    """Let a node that has been there before reach the pods of node ``number``."""
    batch([f"route replace {addresses.node_pods(number)} via {addresses.node(number)}"], enter=enter)


def disconnect_node(addresses: Addresses, *, number: int, others: Sequence[Sequence[str]]) -> None:
    """Remove the link of a node whose pid 1 has ended, and the routes to its pods, on the host and in other nodes."""
    commands_of_host = [
        ["ip", "link", "delete", addresses.node_link(number)],
        ["ip", "route", "delete", addresses.node_pods(number)],
    ]
    commands_of_nodes = [[*enter, "ip", "route", "delete", addresses.node_pods(number)] for enter in others]
    for command in (*commands_of_host, *commands_of_nodes):
        # Any of them may have gone: the kernel takes a dead node's link away by itself, and a killed attempt some more.
        with contextlib.suppress(commands.CommandFailedError):
            commands.run(command)


def remove(addresses: Addresses) -> None:
    """Delete the bridge and what is left of the nodes' links; routes go with them."""
    for name in _links_of(addresses):
        # A link may go by itself at this moment: the kernel takes a dead node's end away asynchronously.
        with contextlib.suppress(commands.CommandFailedError):
            commands.run(["ip", "link", "delete", name])


def left(addresses: Addresses) -> list[str]:
    """Interfaces of the lab that still exist."""
    return _links_of(addresses)


def _links_of(addresses: Addresses) -> list[str]:
    names = {path.name for path in Path("/sys/class/net").iterdir()}
    own = [addresses.bridge, *(addresses.node_link(number) for number in range(1, 64))]
    return [name for name in own if name in names]


def taken_networks() -> list[ipaddress.IPv4Network]:
    """Every IPv4 network for which the host has a route other than the default."""
    routes = json.loads(commands.run(["ip", "-json", "-4", "route", "show", "table", "all"]) or "[]")
    networks = []
    for route in routes:
        destination = route.get("dst", "default")
        if destination != "default":
            networks.append(ipaddress.IPv4Network(destination, strict=False))
    return networks


def is_free(addresses: Addresses, *, taken: Sequence[ipaddress.IPv4Network]) -> bool:
    """Whether neither the lab's interface names nor its networks are in use on the host."""
    return not _links_of(addresses) and not any(network.overlaps(addresses.network) for network in taken)
