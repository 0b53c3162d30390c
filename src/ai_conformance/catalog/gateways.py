"""What the catalog says of implementations of the Gateway API: what differs between them where a Gateway is made."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from ai_conformance.catalog.entries import Tried


@dataclasses.dataclass(frozen=True, kw_only=True)
class GatewayImplementation:
    """Something that accepts GatewayClasses, recognised by the name of its controller."""

    name: str
    title: str
    controllers: tuple[str, ...]
    classes: tuple[str, ...] = ()
    """Where it has several classes: those that are tried first, in this order."""
    mesh: bool = False
    """Whether its Gateways are for traffic inside a mesh and have no address for clients."""
    annotations: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Of a Gateway that shall have an address inside the cluster, where that can be said by annotation."""
    listener_port: int = 0
    """The port that a listener has to have, where the implementation does not take any."""
    reached_at_port: int = 0
    """The port at the address, where it is not the listener's."""
    address: str
    """Where its Gateways get their address from."""
    source: str
    tried: Tried
