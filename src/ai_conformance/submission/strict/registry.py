"""The rules by id, each with the function that applies it; importing the families fills it.

A rule is declared where it is applied: what it demands, who says so and what to do stand above the code that looks.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

from ai_conformance.submission.documents import Node
from ai_conformance.submission.findings import Correction, Finding, Severity
from ai_conformance.submission.product import Entry
from ai_conformance.submission.rules import Rule
from ai_conformance.submission.strict.subject import Subject


@dataclasses.dataclass(frozen=True, kw_only=True)
class Violation:
    """One place where a rule does not hold; the rule's own severity and remedy apply where none are given."""

    message: str
    node: Node | None = None
    """None for what is missing altogether; the finding then stands at the file's beginning."""
    entry: Entry | None = None
    """The requirement's entry that it is about."""
    requirement: str = ""
    """The requirement's id, where it has no entry."""
    severity: Severity | None = None
    remedy: str | None = None
    correction: Correction | None = None
    path: Path | None = None
    """The file, if it is not PRODUCT.yaml."""
    line: int | None = None
    """In a file that has no nodes."""


Apply = Callable[[Subject], Iterator[Violation]]


@dataclasses.dataclass(frozen=True, kw_only=True)
class StrictRule(Rule):
    """A rule and what applies it."""

    apply: Apply


_RULES: dict[str, StrictRule] = {}


def rule(
    id: str,  # noqa: A002 - the field's name
    *,
    severity: Severity,
    title: str,
    source: str,
    remedy: str,
    explanation: str,
    fixable: bool = False,
) -> Callable[[Apply], Apply]:
    """Declare a rule above the function that applies it."""

    def declare(apply: Apply) -> Apply:
        if id in _RULES:
            raise ValueError(f"there are two rules {id}")
        _RULES[id] = StrictRule(
            id=id,
            severity=severity,
            title=title,
            source=source,
            remedy=remedy,
            explanation=explanation,
            fixable=fixable,
            apply=apply,
        )
        return apply

    return declare


def registered() -> tuple[StrictRule, ...]:
    """What was declared so far, by id."""
    return tuple(_RULES[name] for name in sorted(_RULES))


def findings(rule: StrictRule, subject: Subject) -> Iterator[Finding]:
    """What a rule finds."""
    for one in rule.apply(subject):
        node = one.node or (one.entry.node if one.entry else None)
        yield Finding(
            rule=rule.id,
            severity=one.severity or rule.severity,
            message=one.message,
            path=one.path or subject.folder.product_file,
            line=one.line or (node.line if node else 1),
            column=node.column if node and not one.line else 1,
            requirement=one.requirement or (one.entry.id if one.entry else "") or None,
            remedy=rule.remedy if one.remedy is None else one.remedy,
            correction=one.correction,
        )
