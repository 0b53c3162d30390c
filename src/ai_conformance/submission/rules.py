"""What a rule is, apart from how it is applied: what `--explain` prints and what a code host shows beside a finding."""

from __future__ import annotations

import dataclasses

from ai_conformance.submission.findings import Severity


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: what it demands, who says so, and what to do about a finding."""

    id: str
    """``family/name``, lower case; it never changes once released, since people suppress findings by it."""
    severity: Severity
    title: str
    """What is demanded, in one line."""
    source: str
    """Where the rule comes from: a part of the program, a standard, or what was seen in merged submissions."""
    remedy: str
    explanation: str
    """Why the rule exists and what it looks at, in a few sentences."""
    fixable: bool = False
    """Whether `--fix` corrects at least some of its findings."""

    @property
    def family(self) -> str:
        """The part of the id before the slash."""
        return self.id.partition("/")[0]
