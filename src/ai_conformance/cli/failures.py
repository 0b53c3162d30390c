"""What a command says when it cannot go on: what happened, to what, what to do next, and the exit code for it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from ai_conformance.model.verdicts import ExitCode


class Failure(Exception):  # noqa: N818 - not every one is an error of the tool
    """A sentence for the user and the exit code that goes with it."""

    def __init__(self, message: str, *, code: ExitCode) -> None:
        super().__init__(message)
        self.code = code


def usage(message: str) -> Failure:
    """The command line or a file it names is wrong."""
    return Failure(message, code=ExitCode.USAGE)


def not_evaluated(message: str) -> Failure:
    """The cluster could not be judged."""
    return Failure(message, code=ExitCode.NOT_EVALUATED)


def unknown(kind: str, name: str, *, known: Iterable[str]) -> str:
    """A sentence that offers the nearest known names."""
    names = list(known)
    near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
    hint = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(names)}."
    return f"there is no {kind} {name!r}; {hint}"
