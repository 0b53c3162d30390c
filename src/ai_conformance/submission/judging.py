"""Judging many folders by several sets of rules: which folders are meant, by which checklist, with what result."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from ai_conformance.catalog import official
from ai_conformance.catalog.official import OfficialChecklist
from ai_conformance.model.releases import Release
from ai_conformance.submission import folders, program_copy, strict, upstream
from ai_conformance.submission.errors import SubmissionError
from ai_conformance.submission.findings import Finding, Report
from ai_conformance.submission.folders import ProductFolder
from ai_conformance.submission.links import rules as links
from ai_conformance.submission.product import FILE_NAME
from ai_conformance.submission.program_copy import ProgramCopy
from ai_conformance.submission.rules import Rule
from ai_conformance.submission.upstream import Checklist, Reachable, RuleSet

RULE_SETS = (strict.RULES, *(one.value for one in RuleSet))


def targets(paths: Iterable[Path]) -> tuple[ProductFolder, ...]:
    """The product folders that paths mean: each a folder, its PRODUCT.yaml, a release's folder or a whole checkout.

    Raises SubmissionError where a path means none.
    """
    found: dict[str, ProductFolder] = {}
    for path in paths:
        for one in _targets(path):
            found.setdefault(os.path.normpath(one.path.absolute()), one)
    return tuple(found.values())


def copy_beside(folders_: Sequence[ProductFolder]) -> ProgramCopy | None:
    """The checkout of the program that the folders are in, if it has checklists; None if they are in none."""
    for one in folders_:
        for above in list(one.path.absolute().parents)[:4]:
            if official.releases(above):
                return ProgramCopy(root=above, origin=str(above))
    return None


def rules_of(names: Iterable[str]) -> Mapping[str, Rule]:
    """The rules that sets of rules have, by id."""
    known: dict[str, Rule] = {}
    for name in names:
        if name == strict.RULES:
            known |= {one.id: one for one in strict.registered()}
            known |= {one.id: one for one in (*links.RULES.values(), links.ANCHOR)}
        known |= upstream.RULES
    return known


@dataclasses.dataclass(kw_only=True)
class Judge:
    """Reads each checklist once."""

    program: ProgramCopy
    reachable: Reachable | None = None
    """Asks for an address as the program's validator does; None leaves it out."""
    members: Collection[str] | None = None
    """The names of the CNCF's members; None leaves membership out."""
    _strict: dict[Release, OfficialChecklist | None] = dataclasses.field(default_factory=dict)
    _upstream: dict[Release, Checklist | None] = dataclasses.field(default_factory=dict)

    def judge(self, folder: ProductFolder, *, rules: str, more: Sequence[Finding] = ()) -> Report:
        """One folder by one set of rules; `more` is what the strict rules found online."""
        release = folder.release
        checklist = self._of_upstream(release) if release else None
        if rules != strict.RULES:
            return upstream.check(
                folder, checklist=checklist, rules=RuleSet(rules), reachable=self.reachable, members=self.members
            )
        present = upstream.check(folder, checklist=checklist, rules=RuleSet.PRESENT, members=self.members)
        own = self._of_strict(release) if release else None
        left_out = (
            *([strict.LINKS] if self.reachable is None else []),
            *([strict.MEMBERS] if self.members is None else []),
        )
        return strict.check(folder, checklist=own, official=present, more=more, left_out=left_out)

    def _of_strict(self, release: Release) -> OfficialChecklist | None:
        if release not in self._strict:
            known = release in self.program.releases
            self._strict[release] = self.program.checklist(release) if known else None
        return self._strict[release]

    def _of_upstream(self, release: Release) -> Checklist | None:
        if release not in self._upstream:
            known = release in self.program.releases
            path = self.program.checklist_file(release) if known else None
            self._upstream[release] = upstream.read_checklist(path) if path else None
        return self._upstream[release]


def _targets(path: Path) -> Sequence[ProductFolder]:
    if not os.path.lexists(path):
        raise SubmissionError(f"there is no {path}; name a product's folder vX.Y/<product>/ or a checkout with such")
    if path.name == FILE_NAME or os.path.lexists(path / FILE_NAME):
        return [folders.of(path.parent if path.name == FILE_NAME else path)]
    if folders.RELEASE_FOLDER.fullmatch(path.absolute().name) and path.is_dir():
        products = sorted(one for one in path.iterdir() if one.is_dir())
        found = [folders.of(one) for one in products if os.path.lexists(one / FILE_NAME)]
    else:
        found = list(program_copy.ProgramCopy(root=path, origin=str(path)).products()) if path.is_dir() else []
    if not found:
        other = _other_case(path)
        hint = f"; {other.name} has to be named {FILE_NAME}" if other else ""
        raise SubmissionError(f"there is no {FILE_NAME} in {path}{hint}")
    return found


def _other_case(path: Path) -> Path | None:
    if not path.is_dir():
        return path if path.name.lower() == FILE_NAME.lower() else None
    wanted = {FILE_NAME.lower(), FILE_NAME.lower().replace(".yaml", ".yml")}
    return next((one for one in sorted(path.iterdir()) if one.name.lower() in wanted), None)
