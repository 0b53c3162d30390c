"""The anchors of a Markdown file, as GitHub makes them from its headings."""

from __future__ import annotations

import re
from collections import Counter

_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$")
_UNDERLINE = re.compile(r"^ {0,3}(?:=+|-+)[ \t]*$")
_FENCE = re.compile(r"^ {0,3}(```|~~~)")
_EXPLICIT = re.compile(r"<[a-zA-Z][^<>]{0,200}\b(?:id|name)=[\"']([^\"'<>]+)[\"']")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)")


def anchors(text: str) -> frozenset[str]:
    """Lower-cased anchors of the headings (a repeated one gets -1, -2), and ids that are written as HTML."""
    seen: Counter[str] = Counter()
    found: set[str] = {one.lower() for one in _EXPLICIT.findall(text)}
    fenced, before = "", ""
    for line in text.splitlines():
        fence = _FENCE.match(line)
        if fence:
            fenced = "" if fenced == fence[1] else fenced or fence[1]
        elif not fenced:
            heading = _HEADING.match(line)
            title = heading[1] if heading else before if _UNDERLINE.match(line) else ""
            if title.strip():
                name = slug(title)
                found.add(f"{name}-{seen[name]}" if seen[name] else name)
                seen[name] += 1
        before = line
    return frozenset(found)


def slug(title: str) -> str:
    """A heading as an anchor: lower case, punctuation gone, blanks as hyphens."""
    plain = _LINK.sub(r"\1", title).strip().lower()
    return re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
