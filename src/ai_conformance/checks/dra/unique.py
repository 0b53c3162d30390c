"""A selector that names one device among many."""

from __future__ import annotations

import collections
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ai_conformance.checks import outcomes

if TYPE_CHECKING:
    from ai_conformance.checks.inventory import Device


def selector(free: Sequence[Device], *, among: Sequence[Device]) -> tuple[Device, str]:
    """One of the free devices, and a CEL expression that of all devices selects it alone.

    An attribute by which devices are told apart is looked for, one named uuid before any other. Versions cannot be
    compared with a text in CEL and are left out. Raises NotTested where no attribute tells the devices apart.
    """
    count = collections.Counter(
        (name, value) for one in among for name, value in one.attributes.items() if _plain(value)
    )
    for device in free:
        names = sorted(device.attributes, key=lambda name: (name.rpartition("/")[2] != "uuid", name))
        for name in names:
            value = device.attributes[name]
            if _plain(value) and "version" not in name.lower() and count[name, value] == 1:
                domain, _, short = name.rpartition("/")
                attribute = f"device.attributes[{_text(domain)}].{short}"
                literal = str(value) if isinstance(value, int) else _text(str(value))
                return device, f"device.driver == {_text(device.driver)} && {attribute} == {literal}"
    raise outcomes.NotTested(
        "no attribute tells the devices apart, so that no claim can name one of them: "
        + ", ".join(one.name for one in among)
    )


def _plain(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _text(value: str) -> str:
    """A CEL string literal."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    return f"'{escaped}'"
