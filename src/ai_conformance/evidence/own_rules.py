"""A user's own rules of redaction, from a file:

rules:
  - name: host-name
    pattern: 'node-[0-9]+[.]example[.]com'
  - name: project
    pattern: '(project=)[a-z0-9-]+'

Patterns are regular expressions as Python has them. What a pattern's first group holds stays; a rule that would cut the
names by which a run is read, of requirements, tests or cases, is refused.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from pathlib import Path

from ai_conformance.catalog import strict
from ai_conformance.catalog.errors import CatalogError
from ai_conformance.evidence.redaction import Rule

_NAME = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


class BadRule(Exception):  # noqa: N818 - it says what the rule is
    """The file does not hold rules that can be used; the message has file, line and column of each mistake."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Entry:
    name: str
    pattern: str


def read(path: Path, *, names: Iterable[str]) -> tuple[Rule, ...]:
    """The rules of a file; ``names`` are those that have to stay readable. Raises BadRule."""
    try:
        found = strict.read(path, _Entry, key="rules")
    except CatalogError as error:
        raise BadRule(str(error)) from error
    kept = tuple(names)
    return tuple(_rule(one, kept=kept) for one in found)


def _rule(found: strict.Located[_Entry], *, kept: tuple[str, ...]) -> Rule:
    entry = found.entry
    if not _NAME.fullmatch(entry.name):
        raise BadRule(f"{found.place}: name: {entry.name!r} is not of a-z, 0-9 and '-'")
    try:
        pattern = re.compile(entry.pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise BadRule(f"{found.place}: pattern: {entry.pattern!r} is no regular expression: {error}") from None
    if pattern.search(""):
        raise BadRule(f"{found.place}: pattern: {entry.pattern!r} matches nothing at all, and so everywhere")
    hurt = next((name for name in kept if pattern.search(name)), None)
    if hurt is not None:
        raise BadRule(f"{found.place}: pattern: {entry.pattern!r} would cut {hurt!r}, by which a run is read")
    return Rule(name=entry.name, pattern=pattern)
