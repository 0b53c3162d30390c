"""Why Sigstore's library gave up, in one line: it is in the error, in the one that caused it, or in an answer."""

from __future__ import annotations

from typing import Final

_MAX_CHARACTERS: Final = 300


def of(error: BaseException) -> str:
    """The first error that says anything, and what the service had answered."""
    said, answered = "", ""
    one: BaseException | None = error
    while one is not None:
        said = said or str(one)
        # Errors of HTTP bring the answer along.
        response = getattr(one, "response", None)
        answered = answered or str(getattr(response, "text", "") or "")
        one = one.__cause__ or one.__context__
    lines = " ".join(f"{said or type(error).__name__}{': ' if answered else ''}{answered}".split())
    return lines if len(lines) <= _MAX_CHARACTERS else f"{lines[: _MAX_CHARACTERS - 1]}…"
