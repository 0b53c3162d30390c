"""Judging many folders by several sets of rules: which folders are meant, by which checklist, with what result."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

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

_MOST_FOLDERS = 20_000
"""Of the program's repository there are some hundred; whoever names a whole disk is told so within seconds."""

RULE_SETS = (strict.RULES, *(one.value for one in RuleSet))


def targets(paths: Iterable[Path]) -> tuple[ProductFolder, ...]:
    """The product folders that paths mean: each a folder, its PRODUCT.yaml, or a folder with such folders below it.

    Raises SubmissionError where a path means none.
    """
    found: dict[str, ProductFolder] = {}
    for path in paths:
        for one in _targets(path):
            found.setdefault(os.path.normpath(one.path.absolute()), one)
    return tuple(found.values())


def copy_beside(folders_: Sequence[ProductFolder]) -> ProgramCopy | None:
    """The copy of the program that the first of the folders that is in one is in; None if they are in none."""
    return next((copy for one in folders_ if (copy := program_copy.around(one.path))), None)


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
    copy = program_copy.around(path)
    if path.name == FILE_NAME:
        return [_submitted(path.parent, copy)]
    if os.path.lexists(path / FILE_NAME) and not folders.RELEASE_FOLDER.fullmatch(path.absolute().name):
        return [_submitted(path, copy)]
    found = [_submitted(one, copy) for one in _with_product_files(path)]
    if not found:
        other = _other_case(path)
        hint = f"; {other.name} has to be named {FILE_NAME}" if other else ""
        raise SubmissionError(f"there is no {FILE_NAME} in {path}{hint}")
    return sorted(found, key=lambda one: (one.release or Release(0, 0), one.place))


def _submitted(path: Path, copy: ProgramCopy | None) -> ProductFolder:
    return folders.submitted(path, root=copy.root_of(path) if copy else None)


def _with_product_files(top: Path) -> Iterator[Path]:
    """A folder and those below it that have a PRODUCT.yaml, as the program looks at every one of a pull request."""
    for number, (current, names, _) in enumerate(os.walk(top, onerror=_refuse)):
        if number == _MOST_FOLDERS:
            raise SubmissionError(f"{top} has more than {number} folders; name the program's repository or a product")
        here = Path(current)
        # What is linked is not walked, so that no link leads round; but a product's folder may be a link.
        places = [here, *(here / one for one in names if (here / one).is_symlink())]
        yield from (one for one in places if os.path.lexists(one / FILE_NAME))
        names[:] = [one for one in names if not one.startswith(".")]


def _refuse(error: OSError) -> None:
    raise SubmissionError(f"{error.filename} cannot be read: {error.strerror}")


def _other_case(path: Path) -> Path | None:
    if not path.is_dir():
        return path if path.name.lower() == FILE_NAME.lower() else None
    wanted = {FILE_NAME.lower(), FILE_NAME.lower().replace(".yaml", ".yml")}
    return next((one for one in sorted(path.iterdir()) if one.name.lower() in wanted), None)
