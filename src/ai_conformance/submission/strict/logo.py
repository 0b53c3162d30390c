"""The logo: a vector image, linked as the image itself and not as a page that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from ai_conformance.submission import addresses
from ai_conformance.submission.findings import Correction, Severity
from ai_conformance.submission.strict.registry import Violation, rule
from ai_conformance.submission.strict.subject import Subject

_VECTOR = frozenset({".svg", ".ai", ".eps"})
_RASTER = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".ico", ".tif", ".tiff"})
_SOURCE = "the program's instructions ask for SVG, AI or EPS; the landscape takes nothing but SVG"


@rule(
    "logo/format",
    severity=Severity.ERROR,
    title="The logo is a vector image: SVG, AI or EPS.",
    source=_SOURCE,
    remedy="Link an SVG; the landscape's own hosted_logos/ may have it already.",
    explanation="A raster image cannot be scaled, and the landscape refuses it: the entry would have no logo.",
)
def format_(subject: Subject) -> Iterator[Violation]:
    """By the file name's extension; an address without one is a question, not an error."""
    text, node, _ = subject.metadata("productLogoUrl")
    if addresses.mistake(text.strip()):
        return
    extension = PurePosixPath(unquote(urlsplit(text.strip()).path)).suffix.lower()
    if extension in _RASTER:
        yield Violation(message=f"the logo is a {extension[1:].upper()}, which is no vector image", node=node)
    elif extension not in _VECTOR:
        message = "the address of the logo does not show that it is an SVG, AI or EPS file"
        yield Violation(message=message, node=node, severity=Severity.WARNING)


@rule(
    "logo/raw",
    severity=Severity.ERROR,
    title="The logo's address gives the image itself.",
    source=_SOURCE,
    remedy="Link the raw file.",
    explanation="github.com/.../blob/... is a page about the file: who downloads it gets HTML.",
    fixable=True,
)
def raw(subject: Subject) -> Iterator[Violation]:
    """Pages of GitHub that show a file."""
    text, node, name = subject.metadata("productLogoUrl")
    file = addresses.github_file(text)
    if file is not None and not file.raw and not file.folder:
        correction = Correction(place=("metadata", name), value=file.raw_address)
        yield Violation(
            message="the logo's address is a page of GitHub, not the image", node=node, correction=correction
        )
