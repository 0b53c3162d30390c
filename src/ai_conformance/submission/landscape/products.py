"""Products as the landscape knows them, from the certificates of their releases."""

from __future__ import annotations

from collections.abc import Iterable

from ai_conformance.submission.certified import Certificate
from ai_conformance.submission.landscape.planning import Product


def products(certificates: Iterable[Certificate]) -> tuple[Product, ...]:
    """One product for each folder name, in whichever case, described as its newest release describes it."""
    releases: dict[str, list[Certificate]] = {}
    for one in certificates:
        releases.setdefault(one.product, []).append(one)
    return tuple(_product(releases[name]) for name in sorted(releases))


def _product(certificates: list[Certificate]) -> Product:
    newest = max(certificates, key=lambda one: one.release)
    known = [one.ends for one in certificates if one.ends]
    return Product(
        name=newest.name,
        vendor=newest.vendor,
        website=newest.metadata.get("websiteUrl", ""),
        description=newest.metadata.get("description", ""),
        # One whose end is not known may still hold.
        ends=max(known) if len(known) == len(certificates) else None,
    )
