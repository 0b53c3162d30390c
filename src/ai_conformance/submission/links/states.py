"""What the answer of a server says about a link."""

from __future__ import annotations

import dataclasses
import enum


class LinkState(enum.StrEnum):
    """What is known of an address."""

    OK = "ok"
    AUTH_WALL = "auth-wall"
    """It is there, for those who are let in."""
    RATE_LIMITED = "rate-limited"
    """The server did not want to be asked just now."""
    DEAD = "dead"
    """The server says that there is nothing."""
    UNREACHABLE = "unreachable"
    """No answer, or one that says nothing about the page: time-out, no such host, certificate, server error."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Answer:
    """The answer about one address."""

    url: str
    state: LinkState
    status: int = 0
    """The HTTP status; 0 where there was none."""
    detail: str = ""
    """Why there was no status, or what there is to say beside it."""
    silent: bool = False
    """Whether nothing was heard that could be understood."""
    anchors: frozenset[str] | None = None
    """The ids in the page; None where it was not read or is no page of HTML."""

    @property
    def words(self) -> str:
        """For messages."""
        status = f"HTTP {self.status}" if self.status else ""
        return ", ".join(one for one in (status, self.detail) if one)


_GONE = frozenset({404, 410})
_KEPT_OUT = frozenset({401, 402, 403, 407, 451})
# 999 is LinkedIn's, 529 that of some content networks.
_TOO_OFTEN = frozenset({420, 425, 429, 529, 999})
_LOGIN = ("/login", "/signin", "/sign-in", "/sso/", "/oauth", "/saml", "/auth/", "/authorize")


def classify(status: int, *, asked: str = "", location: str = "", retry_after: bool = False) -> LinkState:
    """The state for an HTTP status; paths that were asked for and where redirects ended show a login page."""
    if status in _TOO_OFTEN or (status == 503 and retry_after):
        return LinkState.RATE_LIMITED
    if status in _GONE:
        return LinkState.DEAD
    if status in _KEPT_OUT:
        return LinkState.AUTH_WALL
    if 200 <= status < 400:
        login = any(part in location.lower() and part not in asked.lower() for part in _LOGIN)
        return LinkState.AUTH_WALL if login else LinkState.OK
    return LinkState.UNREACHABLE
