"""Whether the device that a container sees is the one that the API says it was given.

Pure functions. How a kind of device can be told is data of its vendor (an ordered list of methods); what no method can
tell stays unknown, and unknown is never agreement.
"""

from __future__ import annotations

import dataclasses
import enum
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ai_conformance.catalog import IdentityMethod

if TYPE_CHECKING:
    from ai_conformance.catalog import Vendor
    from ai_conformance.checks.device_probe import SeenDevice
    from ai_conformance.checks.inventory import Device

_LAST_NUMBER = re.compile(r"(\d+)$")
# Enough for a name with an index ("nvidia0", "tpu-3"), too little for a UUID that happens to end in digits.
_INDEXED_NAME = re.compile(r"[a-zA-Z_/-]*\d{1,4}")


class Agreement(enum.Enum):
    """What one method says."""

    AGREES = enum.auto()
    DIFFERS = enum.auto()
    UNKNOWN = enum.auto()


@dataclasses.dataclass(frozen=True, kw_only=True)
class Told:
    """What one method says, and in which words."""

    method: IdentityMethod
    agreement: Agreement
    words: str

    def __str__(self) -> str:
        return f"{self.method}: {self.words}"


def compare(seen: SeenDevice, *, device: Device, vendor: Vendor) -> tuple[Told, ...]:
    """What each of the vendor's methods says about a device of a ResourceSlice."""
    told = []
    for method in vendor.identity:
        attribute = method.attribute
        value = device.attribute(attribute) if attribute else None
        if method.method is IdentityMethod.FIRST_LINE:
            expected = None if value is None else str(value)
            told.append(_told(method.method, found=seen.identity, expected=expected, record=f"attribute {attribute}"))
        elif method.method is IdentityMethod.PATH_INDEX:
            source = str(value) if attribute else device.name
            record = f"attribute {attribute}" if attribute else f"the name {device.name}"
            # Names of partitions end in a placement ("gpu-1-mig-1g10gb-19-0"), not in the index of a device.
            expected = _last_number(source) if attribute or _INDEXED_NAME.fullmatch(source) else None
            told.append(_told(method.method, found=_last_number(seen.path), expected=expected, record=record))
    return tuple(told)


def compare_identifier(seen: SeenDevice, *, identifier: str, vendor: Vendor) -> tuple[Told, ...]:
    """What each of the vendor's methods says about the identifier of a device plugin's device.

    The identifier is the one in the pod's allocatedResourcesStatus (KEP-4680). What follows ``::`` numbers a device's
    shares and is no part of its identity.
    """
    plain = identifier.partition("::")[0]
    told = []
    for method in vendor.identity:
        if method.method is IdentityMethod.FIRST_LINE:
            told.append(_told(method.method, found=seen.identity, expected=plain, record="the allocated identifier"))
        elif method.method is IdentityMethod.PATH_INDEX:
            expected = _last_number(plain) if _INDEXED_NAME.fullmatch(plain) else None
            found = _last_number(seen.path)
            told.append(_told(method.method, found=found, expected=expected, record=f"the identifier {plain}"))
    return tuple(told)


def summary(told: Sequence[Told]) -> tuple[Agreement, str]:
    """One answer from all: a single method that differs outweighs any that agrees."""
    for wanted in (Agreement.DIFFERS, Agreement.AGREES):
        same = [one for one in told if one.agreement is wanted]
        if same:
            return wanted, "; ".join(map(str, same))
    return Agreement.UNKNOWN, "; ".join(map(str, told)) or "no method is known for this vendor"


def _last_number(text: str) -> str | None:
    found = _LAST_NUMBER.search(text)
    return str(int(found[1])) if found else None


def _told(method: IdentityMethod, *, found: str | None, expected: str | None, record: str) -> Told:
    if not found or not expected:
        missing = "the container's side" if not found else record
        return Told(method=method, agreement=Agreement.UNKNOWN, words=f"{missing} says nothing")
    if found == expected:
        return Told(method=method, agreement=Agreement.AGREES, words=f"{found}, as {record} says")
    words = f"{found} in the container, but {record} says {expected}"
    return Told(method=method, agreement=Agreement.DIFFERS, words=words)
