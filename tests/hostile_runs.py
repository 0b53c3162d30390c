"""Strings that would run, load, break out or hide if they became markup, and a run that has one in every field."""

from __future__ import annotations

import dataclasses
from typing import Any

from ai_conformance.model.records import CheckRecord, ClusterRecord, LogLine, RunRecord
from sample_runs import START, a_case, a_check, a_run

HOSTILE = (
    "<script>forged()</script>",
    "</style><script>forged()</script>",
    "</title></head><body onload=forged()>",
    '" onmouseover="forged()',
    "' autofocus onfocus='forged()",
    "<img src=x onerror=forged()>",
    "<svg/onload=forged()>",
    "javascript:forged()",
    "data:text/html,<script>forged()</script>",
    "//forged.example/x",
    "<link rel=stylesheet href=http://forged.example/x.css><img src=http://forged.example/x.png>",
    "<iframe srcdoc='<script>parent.forged()</script>'></iframe>",
    "<meta http-equiv=refresh content=0;url=http://forged.example/>",
    "../../../etc/passwd",
    "evidence/../../secret",
    "evidence/%2e%2e/secret",
    "evidence/a\\..\\b",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;script&gt;",
    "<!-- ",
    "]]>",
    "</pre></details></article>",
    "#main",
    "top",
    "\u202egnp.exe",
    "\u2066\u200b\ufeff",
    "\x00\x07\x1b[31m\x7f\x85",
    "\ud800 and \udfff",
    "a b\tc\nd",
)


def everywhere(*texts: str) -> RunRecord:
    """A run with each of the strings in every field of a check, and all in the run's own."""
    checks = [check for text in texts for check in _checks(text)]
    text = " ".join(texts)
    run = _filled(a_run(*checks, a_check()), text)
    return dataclasses.replace(
        run,
        cluster=ClusterRecord(uid=text, server_version=text, nodes=1, accelerators=(text,)),
        command=(text, text),
        redacted={text: 1},
    )


def _checks(text: str) -> tuple[CheckRecord, CheckRecord]:
    case = a_case()
    hostile = _filled(dataclasses.replace(case, evidence=(text, f"evidence/{text}", *case.evidence)), text)
    check = _filled(a_check(cases=(hostile, hostile, dataclasses.replace(hostile, variant=""))), text)
    check = dataclasses.replace(check, waits_s={text: 1.0, "b": 0.5})
    return check, dataclasses.replace(check, automated=False)


def _filled(record: Any, text: str) -> Any:
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(record):
        value = getattr(record, field.name)
        if type(value) is str:
            changes[field.name] = text
        elif field.name == "observed":
            changes[field.name] = (text, text)
        elif field.name == "log":
            changes[field.name] = (LogLine(at=START, text=text), LogLine(at=START, text=f"{text}\n{text}"))
    return dataclasses.replace(record, **changes)
