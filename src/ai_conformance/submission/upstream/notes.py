"""What is noted while a folder is looked at: findings, and what was left out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ai_conformance.submission.findings import Finding
from ai_conformance.submission.upstream.go_document import Placed
from ai_conformance.submission.upstream.rules import RULES


class Notes:
    """Gathers the findings about one PRODUCT.yaml."""

    def __init__(self, path: Path, *, reachable: Callable[[str], str] | None) -> None:
        self._path = path
        self._reachable = reachable
        self._left_out: list[str] = []
        self._links_left_out = 0
        self.findings: list[Finding] = []

    def add(self, rule: str, message: str, place: Placed, *, requirement: str | None = None) -> None:
        """Note that something is against a rule, named without its family."""
        found = RULES[f"upstream/{rule}"]
        self.findings.append(
            Finding(
                rule=found.id,
                severity=found.severity,
                message=message,
                path=self._path,
                line=place.line,
                column=place.column,
                requirement=requirement,
                remedy=found.remedy,
            )
        )

    def link(self, url: str, what: str, place: Placed, *, requirement: str | None = None) -> None:
        """Ask whether a link is reachable, if it may be asked."""
        if self._reachable is None:
            self._links_left_out += 1
        elif reason := self._reachable(url):
            self.add("link", f"{what} links {url}, which is not reachable: {reason}", place, requirement=requirement)

    def leave_out(self, what: str) -> None:
        """Note what was not looked at."""
        self._left_out.append(what)

    @property
    def left_out(self) -> tuple[str, ...]:
        """What was not looked at, as sentences."""
        links = self._links_left_out
        return (*self._left_out, *([f"whether {links} links are reachable"] if links else []))
