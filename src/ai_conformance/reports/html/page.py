"""Puts the view into the templates, under a policy that lets nothing run or load but the page's style and script."""

from __future__ import annotations

import base64
import functools
import hashlib
from typing import Any, Final

import jinja2
from markupsafe import Markup, escape

from ai_conformance.model.records import CaseKind, RunRecord
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports.html import view
from ai_conformance.reports.html.evidence import Reader
from ai_conformance.reports.html.visible import name, plain, visible

_PACKAGE: Final = "ai_conformance.reports.html"

_MEANINGS: Final = {
    Verdict.PASS: "every case that applies passed, controls included, and everything created is gone again",
    Verdict.FAIL: "the platform was seen to do the wrong thing",
    Verdict.NOT_APPLICABLE: "the requirement's own condition does not hold, with the observation that shows it",
    Verdict.NOT_TESTED: "there is something that this version cannot judge; a person has to attest",
    Verdict.SKIPPED: "left out by who ran it",
    Verdict.BLOCKED: "a prerequisite is missing",
    Verdict.ERROR: "could not observe",
}
_KINDS: Final = {
    CaseKind.POSITIVE: "what must work",
    CaseKind.NEGATIVE: "what must be refused",
    CaseKind.CONTROL: "what shows that the check could have failed",
}


def render(run: RunRecord, *, evidence: Reader | None) -> str:
    """The whole file."""
    page = view.page_of(run, evidence=evidence)
    return _environment().get_template("report.html.j2").render(page=page)


@functools.cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader(_PACKAGE),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        # Whatever a template puts out goes through it, so no template can forget to.
        finalize=_harmless,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    style, script = _asset("report.css"), _asset("report.js")
    environment.globals.update(
        style=Markup(style),  # noqa: S704 - a file of ours
        script=Markup(script),  # noqa: S704 - a file of ours
        policy=Markup(_policy(style=style, script=script)),  # noqa: S704 - made of hashes and our own words
        meanings=_MEANINGS,
        kinds=_KINDS,
        Verdict=Verdict,
    )
    environment.filters["name"] = name
    environment.filters["lines"] = Markup("\n").join
    environment.filters["attribute"] = lambda text: escape(plain(text))
    return environment


def _harmless(value: Any) -> Any:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _asset(name: str) -> str:
    source, _path, _uptodate = jinja2.PackageLoader(_PACKAGE, "assets").get_source(
        jinja2.Environment(autoescape=True), name
    )
    return source


def _policy(*, style: str, script: str) -> str:
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src {_hash(style)}",
            f"script-src {_hash(script)}",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
