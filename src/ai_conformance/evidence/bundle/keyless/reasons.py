"""Why Sigstore's library gave up, in one line: it is in the error, in those that caused it, or in an answer."""

from __future__ import annotations

from typing import Final

_MAX_CHARACTERS: Final = 300


def of(error: BaseException) -> str:
    """What the error and its causes say, and what the service had answered."""
    said: list[str] = []
    one: BaseException | None = error
    while one is not None:
        # Errors of HTTP bring the answer along.
        answered = getattr(getattr(one, "response", None), "text", None)
        said += [text for text in (str(one), answered) if text and not any(text in before for before in said)]
        one = one.__cause__ or (None if said else one.__context__)
    line = " ".join(": ".join(said).split()) or type(error).__name__
    return line if len(line) <= _MAX_CHARACTERS else f"{line[: _MAX_CHARACTERS - 1]}…"
