"""What follows from what was seen. Pure functions: each returns the sentence of a pass or raises an outcome."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ai_conformance.checks import identity, outcomes
from ai_conformance.checks.device_probe import Opened
from ai_conformance.checks.identity import Agreement

if TYPE_CHECKING:
    from ai_conformance.checks.access.sights import Sight
    from ai_conformance.checks.device_probe import Attempt, Seen, SeenDevice
    from ai_conformance.checks.identity import Told


def granted_device(seen: Seen, *, who: str, is_root: bool = True) -> SeenDevice:
    """The one usable device that a granted container sees. What a user without rights may not open proves nothing."""
    if not seen.devices:
        raise outcomes.Failed(f"{who} was granted one accelerator and sees none")
    if len(seen.devices) > 1:
        raise outcomes.Failed(f"{who} was granted one accelerator and sees {len(seen.devices)}: {seen}")
    device = seen.devices[0]
    if not device.is_device_node:
        raise outcomes.Failed(f"{who} was granted an accelerator, but {device.path} is a {device.kind}, no device node")
    if device.opened is Opened.EACCES and not is_root:
        raise outcomes.Blocked(
            f"{who} was granted {device.path}, which only some users may open; it is not one of them, and admission "
            "admits no other here"
        )
    if device.opened is not Opened.OK:
        raise outcomes.Failed(f"{who} was granted {device.path}, but cannot open it: {device.opened}")
    return device


def is_allocated(told: Sequence[Told], *, who: str, record: str, must_tell: bool) -> str:
    """Whether the device is the one of the API's record (empty where it keeps none).

    `must_tell` where the API names each device that it allocates, as DRA does: then not being able to compare leaves
    the case open. A device plugin's identifiers are its own business; there the devices have to be distinct, no more.
    """
    agreement, words = identity.summary(told)
    if agreement is Agreement.DIFFERS:
        raise outcomes.Failed(f"{who} was allocated {record}, but holds another device ({words})")
    if agreement is Agreement.AGREES:
        return f"{who} holds the device that was allocated, {record} ({words})"
    if must_tell:
        raise outcomes.NotTested(f"{who} was allocated {record}; whether it holds that device cannot be told ({words})")
    if record:
        return f"{who} holds one device; whether it is {record} cannot be told ({words}), only that it is nobody else's"
    return f"{who} holds one device; the API keeps no record of which, so only that it is nobody else's can be told"


def sees_none(sight: Sight, *, granted: Iterable[tuple[str, SeenDevice]], without: str) -> str:
    """A container that must not see an accelerator, by its usual path or by the numbers of a granted one."""
    seen = sight.get()
    if seen.devices:
        count = f"{len(seen.devices)} accelerator{'s' if len(seen.devices) > 1 else ''}"
        raise outcomes.Failed(f"{sight}, {without}, sees {count}: {seen}")
    for whose, device in granted:
        if device.is_device_node and device.physical in seen.nodes:
            kind, number = device.physical
            raise outcomes.Failed(f"{sight}, {without}, has {kind} device {number} in /dev, which {whose} was granted")
    return f"{sight}, {without}, sees no accelerator"


def control_opens(attempt: Attempt | None, *, who: str) -> str:
    """That the granted device does open by a node of the container's own making."""
    if attempt is None:
        raise outcomes.Blocked(f"{who} sees no device node whose numbers could be tried")
    if not attempt.made:
        raise outcomes.NotApplicable(
            f"{who} may not make device nodes ({attempt.words}), so no device can be reached by its numbers"
        )
    if attempt.result is not Opened.OK:
        raise outcomes.Blocked(
            f"{who} cannot open its own accelerator by its numbers either ({attempt.words}): "
            "that another's is refused proves nothing"
        )
    return f"{who} opens its own accelerator by a node of its own making ({attempt})"


def cannot_open(attempt: Attempt | None, *, who: str, whose: str, control: Attempt | None) -> str:
    """That a foreign device does not open by a node of the container's own making.

    EPERM is the device cgroup's answer. EACCES may come from a mount option of the place the node was made in; it
    counts only where the control shows that nodes made in such a place can be opened. Any other answer came from the
    device's driver or from nowhere: nothing refused.
    """
    if attempt is None:
        raise outcomes.Blocked(f"{whose} shows no device node whose numbers could be tried")
    kind, number = attempt.physical
    if not attempt.made:
        return f"{who} may not even make a node for {kind} device {number}, granted to {whose} ({attempt.words})"
    if attempt.result is Opened.EPERM:
        return f"{who} made a node for {kind} device {number}, granted to {whose}; opening it gives EPERM"
    if attempt.result is Opened.EACCES:
        if control is not None and control.made and control.result is Opened.OK:
            return f"{who} made a node for {kind} device {number}, granted to {whose}; opening it gives EACCES"
        raise outcomes.Blocked(f"{who}: no node that it makes can be opened ({attempt.words}), its own neither")
    raise outcomes.Failed(
        f"{who} made a node for {kind} device {number}, which {whose} was granted, and the device cgroup lets it "
        f"through: open gives {attempt.result}"
    )


def are_disjoint(mine: Sequence[tuple[str, SeenDevice]], *, others: Sequence[tuple[str, SeenDevice]]) -> str:
    """That no device of one list is another's, neither for the kernel nor by what the device says of itself."""
    for index, (who, device) in enumerate(mine):
        for whose, other in [*mine[index + 1 :], *others]:
            same = device.is_device_node and device.physical == other.physical
            if same or (device.identity and device.identity == other.identity):
                means = f"{' '.join(device.physical)}" if same else f"identity {device.identity}"
                raise outcomes.Failed(
                    f"{who} and {whose} were each granted one accelerator and hold the same ({means})"
                )
    names = " and ".join(f"{who} holds {device}" for who, device in mine)
    return f"{names}; no other granted device on the node is one of them"
