"""Web addresses: whether a text is one, and what those of GitHub mean, which most submissions link."""

from __future__ import annotations

import dataclasses
import re
from urllib.parse import SplitResult, urlsplit

_HOST = re.compile(r"(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}|(?:[^\W_](?:[\w-]*[^\W_])?\.)+xn--[\w-]+")
_COMMIT = re.compile(r"[0-9a-f]{40}")


@dataclasses.dataclass(frozen=True, kw_only=True)
class GitHubFile:
    """A file or a folder on GitHub, as seen at one branch, tag or commit."""

    owner: str
    repository: str
    reference: str
    """A branch, a tag or a commit; where a branch's name has slashes, its first part."""
    path: str
    raw: bool
    """Whether the address gives the file itself, not a page about it."""
    folder: bool

    @property
    def permanent(self) -> bool:
        """Whether the address will show the same in a year: a commit, or something that looks like a version's tag."""
        return bool(_COMMIT.fullmatch(self.reference) or re.fullmatch(r"v?\d+\.\d+(\.\d+)?\S*", self.reference))

    @property
    def raw_address(self) -> str:
        """The address of the file itself."""
        return f"https://raw.githubusercontent.com/{self.owner}/{self.repository}/{self.reference}/{self.path}"

    def at(self, commit: str) -> str:
        """The same file at another reference, as a page."""
        kind = "tree" if self.folder else "blob"
        return f"https://github.com/{self.owner}/{self.repository}/{kind}/{commit}/{self.path}"


def mistake(text: str) -> str:
    """Why a text is no http(s) address that a browser opens; empty if it is one."""
    if re.search(r"\s", text):
        return "has a blank in it"
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "is no address"
    if parts.scheme.lower() not in ("http", "https") or not parts.netloc:
        return "is no web address"
    if parts.username is not None:
        return "carries a user's name"
    if not _HOST.fullmatch(host) or port == 0:
        return "has no host that a name server could know"
    return ""


def github_file(text: str) -> GitHubFile | None:
    """The file or folder that an address of GitHub names; None for any other address."""
    try:
        parts = urlsplit(text.strip())
        host = (parts.hostname or "").lower()
    except ValueError:
        return None
    steps = [step for step in parts.path.split("/") if step]
    if host == "raw.githubusercontent.com":
        return _raw(steps)
    return _page(parts, steps) if host in ("github.com", "www.github.com") else None


def _raw(steps: list[str]) -> GitHubFile | None:
    if steps[2:4] in (["refs", "heads"], ["refs", "tags"]):
        steps = [*steps[:2], *steps[4:]]
    if len(steps) < 4:
        return None
    owner, repository, reference, *path = steps
    return GitHubFile(
        owner=owner, repository=repository, reference=reference, path="/".join(path), raw=True, folder=False
    )


def _page(parts: SplitResult, steps: list[str]) -> GitHubFile | None:
    if len(steps) < 5 or steps[2] not in ("blob", "tree", "raw"):
        return None
    owner, repository, kind, reference, *path = steps
    raw = kind == "raw" or "raw=true" in parts.query.split("&")
    return GitHubFile(
        owner=owner,
        repository=repository,
        reference=reference,
        path="/".join(path),
        raw=raw,
        folder=kind == "tree",
    )
