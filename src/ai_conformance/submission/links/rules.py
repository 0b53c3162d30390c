"""The rules about links, apart from what asks: they are listed and explained without the network's libraries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from ai_conformance.submission.findings import Severity
from ai_conformance.submission.links.states import LinkState
from ai_conformance.submission.rules import Rule

_PROMISE: Final = "a reader of the submission has to be able to open what it links"


def _rule(name: str, severity: Severity, title: str, remedy: str, explanation: str) -> Rule:
    return Rule(
        id=f"links/{name}", severity=severity, title=title, source=_PROMISE, remedy=remedy, explanation=explanation
    )


RULES: Final[Mapping[LinkState, Rule]] = {
    LinkState.DEAD: _rule(
        "dead",
        Severity.ERROR,
        "A linked page exists.",
        "Correct the address, or publish what it names.",
        "The server itself says that there is nothing (HTTP 404 or 410), to HEAD and to GET.",
    ),
    LinkState.AUTH_WALL: _rule(
        "auth-wall",
        Severity.WARNING,
        "A linked page is open to everybody.",
        "Publish it, or put a copy into the product's folder.",
        "The server asks who is there (HTTP 401, 403, a login page). Some refuse machines and let browsers in: look.",
    ),
    LinkState.UNREACHABLE: _rule(
        "unreachable",
        Severity.WARNING,
        "A linked server answers.",
        "Try it in a browser; correct the address if it does not open there either.",
        "No answer in time, no such host, no valid certificate or an error of the server: from here, today.",
    ),
    LinkState.RATE_LIMITED: _rule(
        "rate-limited",
        Severity.NOTE,
        "A linked server lets itself be asked.",
        "Nothing; check again later.",
        "The server was asked too often, by whomever (HTTP 429), so nothing is known of the page.",
    ),
}
ANCHOR: Final = _rule(
    "anchor",
    Severity.WARNING,
    "The part behind '#' is in the page.",
    "Correct the anchor: copy the address from the page's own table of contents.",
    "A page without the anchor opens at its top, and the reader searches. Pages that a script builds are left out.",
)
