"""Redaction of what a run records to be judged again: by the same rules, but what was equal stays equal, and no more.

A check that compares two names has to see in a replay whether they were the same. So what is cut gets a mark beside the
rule's name, made with a key that is forgotten when the run ends: it tells secrets apart and tells nothing about them.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from typing import Any, Final

from ai_conformance.evidence import redaction
from ai_conformance.kube.cleanup import RUN_LABEL

_MARK_BYTES: Final = 4
_RULE: Final = "others-workload"
_OF_OTHERS: Final = frozenset({"args", "command"})
_MARKED: Final = re.compile(r"(\[redacted: [a-z0-9-]+) [0-9a-f]{8}\]")


class Observed:
    """The redaction of one recording: see `kube.recording.recorder.Redaction`."""

    def __init__(self, *, rules: tuple[redaction.Rule, ...] = ()) -> None:
        """``rules`` are the user's."""
        self._key = secrets.token_bytes(16)
        self._report = redaction.Report(own=rules, mark=self._mark, keeps_managers=True)

    def cut(self, value: Any) -> Any:
        """A copy of JSON-like data without secrets, each in its place a mark of its own."""
        return redaction.redact_object(value, report=self._report)

    def cut_answer(self, value: Any) -> Any:
        """The same of what a cluster said, without the words with which others start their workloads."""
        return self.cut(self._without_what_others_run(value))

    def nameless(self, value: Any) -> Any:
        """The same, without marks; of what was cut before as well."""
        return unmarked(self.cut(value))

    @property
    def counts(self) -> Mapping[str, int]:
        """How often each rule took something out."""
        return self._report.as_mapping()

    def _without_what_others_run(self, value: Any) -> Any:
        """Checks list the pods of a whole cluster, and none looks at that; it may say what nobody should know."""
        if not isinstance(value, dict):
            return value
        if isinstance(value.get("items"), list):
            return {**value, "items": [self._without_what_others_run(item) for item in value["items"]]}
        metadata = value.get("metadata")
        if not isinstance(metadata, dict) or RUN_LABEL in (metadata.get("labels") or {}):
            return value
        return {key: self._bare(item) if key == "spec" else item for key, item in value.items()}

    def _bare(self, value: Any, *, key: str = "") -> Any:
        if isinstance(value, dict):
            return {
                name: self._of_others(item) if name == "value" and key == "env" else self._bare(item, key=name)
                for name, item in value.items()
            }
        if isinstance(value, list):
            return [self._bare(item, key=key) for item in value]
        return self._of_others(value) if key in _OF_OTHERS and isinstance(value, str) else value

    def _of_others(self, value: Any) -> str:
        self._report.counts[_RULE] += 1
        return redaction.CUT.format(rule=_RULE + self._mark(str(value)))

    def _mark(self, secret: str) -> str:
        made = hmac.new(self._key, secret.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
        return f" {made[: 2 * _MARK_BYTES]}"


def unmarked(value: Any) -> Any:
    """Data that was cut with marks as if it had been cut without."""
    if isinstance(value, str):
        return _MARKED.sub(r"\1]", value)
    if isinstance(value, Mapping):
        return {unmarked(str(key)): unmarked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [unmarked(item) for item in value]
    return value
