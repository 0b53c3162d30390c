"""What other people's readers ask of a format, written down from its description where no package can be asked.

CTRF (ctrf.io): the keys that the published schema names, of those that we write, and no others, with their types. The
published schema itself is asked in tests/artifacts, where npm is there.
"""

from __future__ import annotations

from typing import Any

import jsonschema

_TEXT = {"type": "string"}
_TEXTS = {"type": "array", "items": _TEXT}
_NUMBER = {"type": "integer"}
_ANYTHING = {"type": "object"}
_UUID = {"type": "string", "pattern": r"\A[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z"}
_STATES = ("passed", "failed", "skipped", "pending", "other")


def _closed(*, optional: dict[str, Any] | None = None, **required: Any) -> dict[str, Any]:
    """An object with these keys and no others."""
    keys = {**required, **(optional or {})}
    return {"type": "object", "properties": keys, "required": [*required], "additionalProperties": False}


_TEST = _closed(
    name={"type": "string", "minLength": 1},
    status={"enum": list(_STATES)},
    duration=_NUMBER,
    optional={
        "testId": {"type": "string", "minLength": 1},
        "rawStatus": _TEXT,
        "start": _NUMBER,
        "stop": _NUMBER,
        "suite": _TEXTS,
        "message": _TEXT,
        "type": _TEXT,
        "tags": _TEXTS,
        "stdout": _TEXTS,
        "attachments": {"type": "array", "items": _closed(name=_TEXT, contentType=_TEXT, path=_TEXT)},
        "extra": _ANYTHING,
    },
)

CTRF = jsonschema.Draft202012Validator(
    _closed(
        reportFormat={"const": "CTRF"},
        specVersion={"type": "string", "pattern": r"\A\d+\.\d+\.\d+\Z"},
        results=_closed(
            tool=_closed(name={"type": "string", "minLength": 1}, optional={"version": _TEXT}),
            summary=_closed(
                **dict.fromkeys(("tests", *_STATES, "start", "stop"), _NUMBER),
                optional={"suites": _NUMBER, "duration": _NUMBER},
            ),
            tests={"type": "array", "items": _TEST},
            optional={
                "environment": _closed(optional={"appName": _TEXT, "testEnvironment": _TEXT, "extra": _ANYTHING})
            },
        ),
        optional={
            "reportId": _UUID,
            "runId": {"type": "string", "minLength": 1},
            "timestamp": {"type": "string", "pattern": r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\Z"},
            "generatedBy": _TEXT,
        },
    )
)
"""A report of ours as the format's readers take it."""
