"""Rules of our own, stricter than the program's validator: what a reviewer would ask, asked before the pull request.

One module per family; each declares its rules above the code that applies them. A rule finds what is wrong in a real
submission and is quiet on a clean one: `tests/corpus` holds both against every submission that was merged.
"""

from ai_conformance.submission.strict import (  # noqa: F401 - importing a family declares its rules
    artifacts,
    evidence,
    frozen,
    layers,
    logo,
    metadata,
    placeholders,
    reuse,
    status,
    structure,
    wording,
)
from ai_conformance.submission.strict.checking import LINKS, MEMBERS, RULES, check
from ai_conformance.submission.strict.registry import StrictRule, registered

__all__ = ["LINKS", "MEMBERS", "RULES", "StrictRule", "check", "registered"]
