"""What a link of the evidence that is no URL stands for: the file that the validator looks for."""

from __future__ import annotations

import dataclasses
import errno
import os
import re

from ai_conformance.submission.folders import ProductFolder
from ai_conformance.submission.upstream.rule_sets import SPACE

_ANY_PRODUCT = re.compile(r"v[0-9]+\.[0-9]+/[^/]+/")


class EvidenceError(ValueError):
    """A link that the validator refuses without a look at any file."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reference:
    """A file that is meant, below the program's repository."""

    path: str
    """From the repository's root, clean; it begins with ``..`` if it leaves the repository."""
    fragment: str = ""
    """What stands behind the first ``#``: the name of a test."""


def is_url(link: str) -> bool:
    """Whether the validator asks for it over HTTP. The schemes are known in lower case alone."""
    return link.startswith(("http://", "https://"))


def resolve(link: str, *, product: str) -> Reference:
    """What a link means since hybrid verification; `product` is the folder's path in the repository, as a rule
    ``vX.Y/<product>``. Raises EvidenceError.

    The folder's own path in front is cut off, another product's is refused; ``..`` may leave the folder on the way
    as long as the cleaned path is inside, so ``../acme/e2e.log`` is a file of ``acme``.
    """
    path, _, fragment = link.strip(SPACE).removeprefix("file://").partition("#")
    path = path.strip(SPACE).removeprefix("/")
    if not path:
        raise EvidenceError("it names no file")
    if path.startswith(f"{product}/"):
        path = path.removeprefix(f"{product}/")
    elif _ANY_PRODUCT.match(path):
        raise EvidenceError(f"it names another product's folder; evidence has to be in {product}/")
    clean = os.path.normpath(f"{product}/{path}")
    if not clean.startswith(f"{product}/"):
        raise EvidenceError(f"it leads out of {product}/")
    return Reference(path=clean, fragment=fragment)


def resolve_before_hybrid(link: str, *, product: str) -> Reference:
    """What a link meant before: a path, taken as it is, wherever it leads."""
    return Reference(path=os.path.normpath(f"{product}/{link}"))


def exists(reference: Reference, *, folder: ProductFolder) -> bool:
    """Whether the validator would find a file. Only "there is nothing" counts as missing, as it does to Go.

    A path through a file, a name that is too long or one with a NUL are other errors, and pass. What is outside of the
    program's repository is never looked for: it counts as missing.
    """
    if reference.path.startswith("../"):
        return False
    try:
        os.stat(f"{folder.root}/{reference.path}")  # noqa: PTH116 - a Path refuses a NUL on some versions and not on others
    except OSError as error:
        return error.errno != errno.ENOENT
    except ValueError:
        return True
    return True
