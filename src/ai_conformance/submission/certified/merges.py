"""When each submission was merged, from the history of a checkout of the program's repository."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

from ai_conformance.submission.errors import Unavailable

_TIME_LIMIT_S = 60
# Of the checkout's own configuration, what would run programs: a checkout may come from anywhere.
_SAFE = ("-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "log.showSignature=false")


def merge_dates(root: Path) -> Mapping[str, date]:
    """The day (UTC) on which each ``vX.Y/<product>`` came to the branch that is checked out.

    Empty if the folder is not the top of a git checkout. Raises Unavailable where git cannot tell.
    """
    if not (root / ".git").exists():
        return {}
    if _git(root, "rev-parse", "--is-shallow-repository").strip() == "true":
        raise Unavailable(f"the history of {root} is cut off, so it has no dates of merges; run: git fetch --unshallow")
    # Along the first parents a merge is one commit, whose date is that of the merge; newest first.
    listed = _git(
        root,
        "log",
        "--first-parent",
        "--diff-merges=first-parent",
        "--no-renames",
        "--no-ext-diff",
        "--diff-filter=A",
        "--name-only",
        "--format=%x00%ct",
        "-z",
        "--",
        ":(glob)v*/*/PRODUCT.yaml",
    )
    dates: dict[str, date] = {}
    day: date | None = None
    for token in listed.split("\0"):
        text = token.strip("\n")
        if text.isdecimal():
            day = datetime.fromtimestamp(int(text), tz=UTC).date()
        elif text and day is not None:
            # The newest comes first: what was removed and came back counts from then.
            dates.setdefault(text.removesuffix("/PRODUCT.yaml"), day)
    return dates


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *_SAFE, "-C", str(root), *arguments],
            check=True,
            capture_output=True,
            timeout=_TIME_LIMIT_S,
            stdin=subprocess.DEVNULL,
        )
    except FileNotFoundError:
        raise Unavailable(f"{root} is a git checkout, and git, which knows its dates, is not installed") from None
    except subprocess.TimeoutExpired:
        raise Unavailable(f"git needs more than {_TIME_LIMIT_S} s to read the history of {root}") from None
    except subprocess.CalledProcessError as error:
        what = error.stderr.decode("utf-8", "replace").strip().splitlines()
        raise Unavailable(f"git cannot read the history of {root}: {what[-1] if what else 'no reason given'}") from None
    return done.stdout.decode("utf-8", "surrogateescape")
