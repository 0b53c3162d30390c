"""An extension server of Envoy Gateway that spoils what goes to Envoy: the lab's faults of a gateway's data plane.

Envoy Gateway shows such a server each configuration before it is published, and publishes what comes back. So the
conditions of Gateways and HTTPRoutes stay as they would be, and the traffic does not.
"""

from __future__ import annotations

import enum

PORT = 1063


class Way(enum.StrEnum):
    """In which way."""

    WEIGHTS_IGNORED = "weights-ignored"
    """Requests go to all backends of a rule in turn."""
    CONDITIONS_ORED = "conditions-ored"
    """Of a match with path and headers one of both is enough."""
    NO_ROUTES = "no-routes"
    """No route arrives at the data plane."""
    STALE = "stale"
    """Once a route has been changed, nothing is published any more."""
    BUFFERED = "buffered"
    """An answer is held back until it is whole."""
