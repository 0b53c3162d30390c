"""Kubernetes quantities (``500m``, ``1Gi``, ``2e3``), exactly.

Source of the grammar: the Kubernetes API reference, type Quantity. Decimal throughout: no rounding, no floats.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Context, Decimal, localcontext

_BINARY: Mapping[str, Decimal] = {
    suffix: Decimal(2) ** (10 * power) for power, suffix in enumerate(("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"))
}
_DECIMAL: Mapping[str, Decimal] = {
    suffix: Decimal(10) ** power
    for suffix, power in {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}.items()
}
_GRAMMAR = re.compile(
    r"(?P<number>[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+))(?:(?P<suffix>[KMGTPE]i|[numkMGTPE])|[eE](?P<exponent>[+-]?[0-9]{1,3}))?",
    re.ASCII,
)
_EXACT = Context(prec=2000)
"""More digits than an object's field can hold, so that a product is never rounded."""


class QuantityError(ValueError):
    """Not a quantity of the Kubernetes API."""


def parse(text: str) -> Decimal:
    """The value of a quantity. Raises `QuantityError`."""
    match = _GRAMMAR.fullmatch(text)
    if match is None or len(text) > 500:
        raise QuantityError(f"{text[:80]!r} is not a Kubernetes quantity such as 2, 500m, 1.5Gi or 2e3")
    with localcontext(_EXACT):
        number = Decimal(match["number"])
        if match["exponent"] is not None:
            return number * Decimal(10) ** int(match["exponent"])
        suffix = match["suffix"] or ""
        return number * (_BINARY[suffix] if suffix.endswith("i") else _DECIMAL[suffix])


def count(text: str) -> int:
    """A quantity that counts whole things, such as devices. Raises `QuantityError` for a fraction."""
    value = parse(text)
    if value != value.to_integral_value():
        raise QuantityError(f"{text!r} is not a whole number")
    return int(value)
