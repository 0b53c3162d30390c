"""The strict verdict on one product folder: our rules, and whatever of the official ones ours do not cover.

A folder that the program's validator refuses never passes here: an official error at a place where none of our rules
has one is taken over as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ai_conformance import catalog
from ai_conformance.catalog.official import OfficialChecklist
from ai_conformance.submission import documents, findings, folders
from ai_conformance.submission import product as products
from ai_conformance.submission.documents import DocumentError
from ai_conformance.submission.findings import Finding, Report, Severity
from ai_conformance.submission.folders import ProductFolder
from ai_conformance.submission.product import FILE_NAME, METADATA_KEYS, Product
from ai_conformance.submission.strict import registry, siblings
from ai_conformance.submission.strict.subject import Subject

RULES: Final = "strict"
_DOCUMENT: Final = "structure/document"
LINKS: Final = "whether links can be opened and anchors exist (ask with --online)"
MEMBERS: Final = "whether vendorName is a member of the CNCF (name the landscape's file with --landscape)"


def subject(folder: ProductFolder, product: Product, *, checklist: OfficialChecklist) -> Subject:
    """What the rules look at."""
    known = catalog.load()
    facts = known.requirements(checklist.release) if checklist.release in known.releases else ()
    return Subject(
        folder=folder,
        release=checklist.release,
        product=product,
        checklist=checklist,
        conditional=frozenset(one.id for one in facts if one.condition),
        tests={one.id: one.artifact for one in facts if one.artifact and not one.artifact_proposed},
        siblings=siblings.other_releases(folder),
    )


def check(
    folder: ProductFolder,
    *,
    checklist: OfficialChecklist | None,
    official: Report | None = None,
    more: Sequence[Finding] = (),
    left_out: tuple[str, ...] = (LINKS, MEMBERS),
) -> Report:
    """Apply all rules. `official` is the validator's report on the same folder; `more` what was found online,
    `left_out` what nobody looked at."""
    found: list[Finding] = []
    obstacle = ""
    if folder.release is None:
        obstacle = "the release cannot be told from the path; the folder has to be vX.Y/<product>/"
    elif checklist is None:
        obstacle = f"there is no checklist of release {folder.release}"
    else:
        found = list(_found(folder, checklist=checklist))
    return Report(
        folder=folder.path,
        rules=RULES,
        findings=findings.ordered([*found, *more, *_not_covered(official, found)]),
        obstacle=obstacle or (official.obstacle if official else ""),
        left_out=left_out,
    )


def _found(folder: ProductFolder, *, checklist: OfficialChecklist) -> Iterator[Finding]:
    try:
        data = folder.read(FILE_NAME, limit_bytes=documents.MAX_BYTES)
        product = products.view(documents.parse(data, source=str(folder.product_file)))
    except folders.FolderError as error:
        yield _unreadable(folder, str(error), line=1, column=1)
    except DocumentError as error:
        for problem in error.problems:
            yield _unreadable(folder, problem.sentence, line=problem.line, column=problem.column)
    else:
        looked_at = subject(folder, product, checklist=checklist)
        for rule in registry.registered():
            yield from registry.findings(rule, looked_at)


def _unreadable(folder: ProductFolder, sentence: str, *, line: int, column: int) -> Finding:
    return Finding(
        rule=_DOCUMENT,
        severity=Severity.ERROR,
        message=sentence,
        path=folder.product_file,
        line=line,
        column=column,
        remedy="Correct the file; nothing else could be looked at.",
    )


def _not_covered(official: Report | None, found: Sequence[Finding]) -> Iterator[Finding]:
    """Official errors where we have none: about the requirement, about the metadata field, else at the line."""
    errors = [one for one in found if one.severity is Severity.ERROR]
    ours = {_about(one) for one in errors} | {one.line for one in errors}
    for one in official.findings if official else ():
        if one.severity is Severity.ERROR and _about(one) not in ours:
            yield one


def _about(finding: Finding) -> str | int:
    """What a finding is about, so that two rules' findings can be told to be about the same."""
    if finding.requirement:
        return finding.requirement
    field = next((key for key in METADATA_KEYS if re.search(rf"\b{key}\b", finding.message)), None)
    return field or finding.line
