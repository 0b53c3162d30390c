"""From a product's addresses to findings: only what is certainly gone is an error."""

from __future__ import annotations

import asyncio
import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import unquote

from ai_conformance.submission import addresses, documents
from ai_conformance.submission.documents import Node
from ai_conformance.submission.errors import SubmissionError
from ai_conformance.submission.findings import Finding
from ai_conformance.submission.folders import ProductFolder
from ai_conformance.submission.links.asking import Asker, Limits
from ai_conformance.submission.links.cache import Cache
from ai_conformance.submission.links.rules import ANCHOR, RULES
from ai_conformance.submission.links.states import Answer, LinkState
from ai_conformance.submission.product import FILE_NAME, Product, text_of, view
from ai_conformance.submission.rules import Rule
from ai_conformance.submission.upstream.rule_sets import METADATA

_URL_KEYS = ("websiteUrl", "repoUrl", "documentationUrl", "productLogoUrl", "k8sConformanceUrl")
_FEW_IDS: Final = 4
"""A page with fewer is a frame that a script fills; GitHub's, too, says what it holds by a prefix alone."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Link:
    """An address where it stands."""

    url: str
    """Without its fragment."""
    fragment: str
    folder: ProductFolder
    node: Node
    requirement: str | None
    what: str


def links_in(folder: ProductFolder) -> Iterator[Link]:
    """The addresses in a folder's PRODUCT.yaml; none where it cannot be read, which is another rule's to say."""
    try:
        data = folder.read(FILE_NAME, limit_bytes=documents.MAX_BYTES)
        product = view(documents.parse(data, source=str(folder.product_file)))
    except SubmissionError:
        return
    yield from links_of(folder, product)


def links_of(folder: ProductFolder, product: Product) -> Iterator[Link]:
    """The addresses of the metadata and of the evidence."""
    for key in _URL_KEYS:
        node = product.get(key) or product.get(METADATA[key])
        text = text_of(node)
        if node is not None and _is_url(text):
            yield _link(text, folder=folder, node=node, requirement=None, what=key)
    for entry in product.entries:
        for one in entry.evidence:
            if _is_url(one.text):
                yield _link(one.text, folder=folder, node=one.node, requirement=entry.id or None, what="the evidence")


def answers(links: Iterable[Link], *, cache: Cache, limits: Limits | None = None) -> dict[str, Answer]:
    """Ask for all links, each address once."""
    wanted = {one.url: False for one in links}
    for one in links:
        wanted[one.url] = wanted[one.url] or bool(_anchor(one.fragment))
    cache.load()
    known = {url: found for url, deep in wanted.items() if (found := cache.get(url, anchors=deep))}
    asked = asyncio.run(_ask({url: deep for url, deep in wanted.items() if url not in known}, limits=limits))
    cache.add(asked.values())
    cache.save()
    return known | asked


def findings(links: Iterable[Link], answers: Mapping[str, Answer]) -> Iterator[Finding]:
    """What is wrong with links."""
    for one in links:
        answer = answers[one.url]
        if addresses.mistake(one.url):
            # Not asked for; that it is no address is said without asking.
            continue
        if answer.state is not LinkState.OK:
            rule = RULES[answer.state]
            yield _finding(one, rule, f"{one.what}: {one.url} is {answer.state} ({answer.words})")
        elif (anchor := _anchor(one.fragment)) and _lacks(answer, anchor):
            yield _finding(one, ANCHOR, f"{one.what}: {one.url} has no anchor #{anchor}")


def reachable(answers: Mapping[str, Answer], url: str) -> str:
    """Why the program's validator would not reach an address; empty if it would."""
    answer = answers.get(url.strip().partition("#")[0])
    if answer is None:
        return "it was not asked"
    return "" if 0 < answer.status < 400 else answer.words


async def _ask(wanted: Mapping[str, bool], *, limits: Limits | None) -> dict[str, Answer]:
    if not wanted:
        return {}
    async with Asker(limits=limits) as asker:
        return await asker.ask(wanted, with_anchors=frozenset(url for url, deep in wanted.items() if deep))


def _link(text: str, *, folder: ProductFolder, node: Node, requirement: str | None, what: str) -> Link:
    url, _, fragment = text.strip().partition("#")
    return Link(url=url, fragment=fragment, folder=folder, node=node, requirement=requirement, what=what)


def _is_url(text: str) -> bool:
    return text.strip().lower().startswith(("http://", "https://"))


def _anchor(fragment: str) -> str:
    """What has to be in the page; nothing for a text fragment, a line of GitHub's or a route of a script."""
    plain = fragment.partition(":~:")[0]
    return "" if re.fullmatch(r"L\d+(?:-L\d+)?|[!/].*", plain) else plain


def _lacks(answer: Answer, anchor: str) -> bool:
    """Whether a page that was read surely has no such place."""
    ids = answer.anchors or frozenset()
    ours = "github.com" in answer.url and any(one.startswith("user-content-") for one in ids)
    if len(ids) < _FEW_IDS or ("github.com" in answer.url and not ours):
        return False
    names = {anchor, unquote(anchor)}
    return not any(name in ids or f"user-content-{name}" in ids for name in names)


def _finding(link: Link, rule: Rule, message: str) -> Finding:
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        message=message,
        path=link.folder.product_file,
        line=link.node.line,
        column=link.node.column,
        requirement=link.requirement,
        remedy=rule.remedy,
    )
