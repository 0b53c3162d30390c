"""The inventory that a whole run goes by: one look amid a restart of a driver would be held against the platform.

While a kubelet or a driver restarts, ResourceSlices are deleted and published anew, those of a larger pool one by one,
and a device plugin's resource is there with nothing allocatable.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from ai_conformance.checks import waits
from ai_conformance.checks.inventory.take import take
from ai_conformance.kube import errors, poll

if TYPE_CHECKING:
    from ai_conformance.catalog import Catalog
    from ai_conformance.checks.inventory.model import Inventory
    from ai_conformance.checks.options import Options
    from ai_conformance.kube.session import Session

# Nodes and slices of a large cluster are many megabytes, and a node tells of itself every ten seconds.
_LOOK_S = 5.0


async def settled(session: Session, *, catalog: Catalog, options: Options) -> Inventory:
    """The accelerators once all that is announced can be used, or as they are when the time for that is over."""
    try:
        return await poll.eventually(
            lambda: take(session, catalog=catalog, options=options),
            until=lambda found: found.is_settled,
            timeout_s=waits.INVENTORY_SETTLED.seconds(options.profile),
            waiting_for="announced accelerators to be usable",
            interval_s=_LOOK_S,
        )
    except errors.TimedOut as late:
        return cast("Inventory", late.last)
