"""The official verdict on one product folder: `check` is the way in.

Everything that the validator asks is asked here in its order; what needs the network is asked of functions that are
handed in, and left out, and said so, where they are not.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Collection
from pathlib import Path

from ai_conformance.submission import findings, folders
from ai_conformance.submission.findings import Report
from ai_conformance.submission.folders import ProductFolder
from ai_conformance.submission.product import FILE_NAME
from ai_conformance.submission.upstream import go_document, requirements
from ai_conformance.submission.upstream.go_document import ConformanceDocument, Field, Placed
from ai_conformance.submission.upstream.go_nodes import LimitError, YamlError
from ai_conformance.submission.upstream.notes import Notes
from ai_conformance.submission.upstream.rule_sets import METADATA, OPTIONAL, SPACE, RuleSet

MAX_BYTES = 1024 * 1024
"""Of PRODUCT.yaml; the largest that was ever submitted has 50 kB."""

_K8S_CONFORMANCE = re.compile(r"https://github\.com/cncf/k8s-conformance/tree/(master|main)/v[0-9]+\.[0-9]+/[^/]+/?")

Reachable = Callable[[str], str]
"""Asks for a URL as the validator does: HEAD, then GET. Returns why it is not reachable, or an empty text."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Checklist:
    """The checklist of one release, as the validator loads it."""

    path: Path
    document: ConformanceDocument | None
    obstacle: str = ""
    """Why it cannot be loaded; empty where it could."""


def read_checklist(path: Path) -> Checklist:
    """Load a checklist; read it once for all products of a release."""
    try:
        return Checklist(path=path, document=go_document.load(path.read_bytes()))
    except OSError as error:
        obstacle = error.strerror or str(error)
    except YamlError as error:
        obstacle = f"line {error.line}: {error}"
    except LimitError as error:
        obstacle = str(error)
    return Checklist(path=path, document=None, obstacle=f"the checklist {path} cannot be loaded: {obstacle}")


def check(
    folder: ProductFolder,
    *,
    checklist: Checklist | None,
    rules: RuleSet = RuleSet.PRESENT,
    reachable: Reachable | None = None,
    members: Collection[str] | None = None,
) -> Report:
    """What the official validator says of a folder.

    `checklist` is that of the folder's release, None if the program has none; `members` are the names of the CNCF's
    members. Of `reachable` and `members`, what is None is left out.
    """
    notes = Notes(folder.product_file, reachable=reachable)
    obstacle = _check(folder, checklist, notes, rules=rules, members=members)
    return Report(
        folder=folder.path,
        rules=rules.value,
        findings=findings.ordered(notes.findings),
        obstacle=obstacle,
        left_out=notes.left_out,
    )


def _check(
    folder: ProductFolder,
    checklist: Checklist | None,
    notes: Notes,
    *,
    rules: RuleSet,
    members: Collection[str] | None,
) -> str:
    """Fills the notes; returns why the folder could not be judged."""
    if folder.release is None:
        notes.add("release", "the release cannot be told from the path: it has no folder such as v1.37", Placed())
    elif checklist is None:
        notes.add("checklist", f"the program has no checklist of release {folder.release}", Placed())
    elif checklist.document is None:
        return checklist.obstacle
    else:
        try:
            product = _loaded(folder, notes)
        except (folders.Outside, folders.TooLarge, LimitError) as error:
            return str(error)
        if product is not None:
            _metadata(product, notes)
            _membership(product, notes, members=members)
            return requirements.check(folder, product, checklist=checklist.document, variant=rules.variant, notes=notes)
    return ""


def _loaded(folder: ProductFolder, notes: Notes) -> ConformanceDocument | None:
    """PRODUCT.yaml; None where the validator cannot load it. Raises what keeps it from being judged here."""
    try:
        return go_document.load(folder.read(FILE_NAME, limit_bytes=MAX_BYTES))
    except (folders.Missing, folders.NotAFile, folders.Unreadable) as error:
        notes.add("load", str(error), Placed())
    except YamlError as error:
        notes.add("load", str(error), Placed(line=error.line, column=error.column))
    return None


def _metadata(product: ConformanceDocument, notes: Notes) -> None:
    if product.metadata is None:
        notes.add("section", "the section 'metadata' is missing", product.place("metadata"))
        return
    for name, second in METADATA.items():
        field = product.metadata.get(name, product.metadata.get(second))
        if field is None or field.value.nothing:
            if name not in OPTIONAL:
                place = field or product.place("metadata")
                notes.add("metadata-missing", f"the metadata field {name} (or {second}) is missing", place)
        else:
            _field(name, field, notes)


def _field(name: str, field: Field, notes: Notes) -> None:
    text = field.value.text
    if text is None:
        notes.add("metadata-type", f"the metadata field {name} is no text to YAML", field)
    elif not text:
        if name not in OPTIONAL:
            notes.add("metadata-empty", f"the metadata field {name} is empty", field)
    elif text.startswith("[") and text.endswith("]"):
        notes.add("metadata-placeholder", f"the metadata field {name} holds the placeholder {text}", field)
    elif name == "k8sConformanceUrl" and not _K8S_CONFORMANCE.fullmatch(text):
        notes.add("k8s-conformance-url", f"{name} is no folder of a product there: {text}", field)
    elif text.startswith("http"):
        notes.link(text, f"the metadata field {name}", field)


def _membership(product: ConformanceDocument, notes: Notes, *, members: Collection[str] | None) -> None:
    fields = product.metadata or {}
    field = fields.get("vendorName", fields.get("vendor_name"))
    name = (field.value.text or "").strip(SPACE) if field else ""
    if field is None or not name:
        return
    if members is None:
        notes.leave_out(f"whether {name!r} is a member of the CNCF")
    elif name not in members:
        notes.add("member", f"vendorName {name!r} is not the name of a member of the CNCF", field)
