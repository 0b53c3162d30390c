"""Which entry of the landscape a product is: by its address, else by its name, as the program's own script does."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

from ai_conformance.submission.landscape.reading import Item

# Entries of companies and of their certificates, which are no products.
_NO_PRODUCT = re.compile(r"\((KCSP|KCNTP|KTP|member)\)")
_NOT_IN_TOKENS = re.compile(r"[^a-z0-9]+")
_SHORTEST = 3
"""Characters that a part of a name needs to say anything by itself, and words that a vendor's entry needs."""


def already_listed(items: Sequence[Item], *, name: str, address: str) -> Item | None:
    """The product of this address or exactly this name that is among the certified products already.

    Some products have two entries, and the one that comes first is not always the one that was chosen.
    """
    same = [
        one
        for one in _products(items)
        if one.is_listed
        and (normal_address(one.homepage_url) == normal_address(address) or tokens(one.name) == tokens(name))
    ]
    return same[0] if same else None


def by_address(items: Sequence[Item], address: str) -> Item | None:
    """The first product whose address is the same but for case, `www.` and a slash at the end."""
    wanted = normal_address(address)
    return next((one for one in _products(items) if normal_address(one.homepage_url) == wanted), None)


def by_name(items: Sequence[Item], *, name: str, vendor: str) -> Item | None:
    """The product of the same name, else the one whose name shares most words with it.

    A name contains the other, or both have as many words and each begins like its fellow, or the entry's words are,
    in their order, among the vendor's and the product's. Of two that share as much, the one that names the vendor.
    """
    best: tuple[int, Item] | None = None
    for one in _products(items):
        if tokens(one.name) == tokens(name) and tokens(name):
            return one
        shared = _shared(tokens(name), tokens(one.name)) or _among(tokens(one.name), tokens(f"{vendor} {name}"))
        score = 2 * shared + bool(set(tokens(vendor)) & set(tokens(one.name)))
        if shared and (best is None or score > best[0]):
            best = (score, one)
    return best[1] if best else None


def normal_address(address: str) -> str:
    """An address in the form in which two are compared."""
    lowered = address.strip().lower()
    try:
        parts = urlsplit(lowered)
    except ValueError:
        return lowered.rstrip("/")
    return urlunsplit(parts._replace(netloc=parts.netloc.removeprefix("www."), path=parts.path.rstrip("/")))


def tokens(name: str) -> list[str]:
    """The words of a name: runs of ASCII letters and digits, in lower case."""
    return [one for one in _NOT_IN_TOKENS.split(name.lower()) if one]


def _products(items: Sequence[Item]) -> list[Item]:
    return [one for one in items if one.homepage_url and not _NO_PRODUCT.search(one.name)]


def _shared(product: list[str], entry: list[str]) -> int:
    """How many words two names share, if one of them is part of the other or they are alike; else 0."""
    if not product or not entry:
        return 0
    if len(product) < len(entry):
        telling = len(product) > 1 or len(product[0]) >= _SHORTEST
        return len(product) if telling and _contains(entry, product) else 0
    if len(entry) < len(product):
        # An entry of one word, such as "Kubernetes", would be part of everything.
        return len(entry) if len(entry) > 1 and _contains(product, entry) else 0
    return len(product) if len(product) > 1 and all(map(_alike, product, entry)) else 0


def _contains(long: list[str], short: list[str]) -> bool:
    return any(long[begin : begin + len(short)] == short for begin in range(len(long) - len(short) + 1))


def _alike(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return one == other or (len(short) >= _SHORTEST and long.startswith(short))


def _among(entry: list[str], words: list[str]) -> int:
    """How many words an entry has, if it has enough and all of them are among others in their order; else 0."""
    rest = iter(words)
    return len(entry) if len(entry) >= _SHORTEST and all(one in rest for one in entry) else 0
