"""Takes secrets out of evidence before it is written; deterministic, and it counts what it took.

Rules, each with its reason:

- ``managed-fields``: ``metadata.managedFields`` is dropped; it proves nothing and is most of an object's bulk.
- ``secret-data``: ``data`` and ``stringData`` of a Secret keep their keys and lose their values; so does the annotation
  in which kubectl keeps the object as it was applied.
- ``kubeconfig``: tokens, passwords, client keys and what an exec plugin is given, by key, in kubeconfigs and elsewhere.
- ``environment``: the value of an environment variable, or of a ``--flag=`` in a command line, whose name says that it
  is a secret.
- ``private-key``, ``jwt``, ``bearer``, ``url-password``: by their form, in any text. Public certificates stay.
- ``access-key``: by the prefixes that the issuers document: AWS (``AKIA``, ``ASIA``), GitHub (``ghp_`` and its kin,
  ``github_pat_``), GitLab (``glpat-``), Google (``AIza``).
- ``environment`` and ``kubeconfig`` hold in text too, where a line says ``NAME=value`` or ``key: value``.

A user may add rules of their own (`own_rules`), which are applied after these.
"""

from __future__ import annotations

import base64
import collections
import dataclasses
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar, cast

CUT: Final = "[redacted: {rule}]"

_Record = TypeVar("_Record")

_NAME: Final = r"(?:password|passwd|passphrase|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)"
_SECRET_NAME: Final = re.compile(rf"(?:^|[_.\-]){_NAME}(?:$|[_.\-])|{_NAME}$", re.IGNORECASE)

# Names that end like a secret's and are none: fields of the API that say where a token is, not what it is.
_HARMLESS: Final = frozenset({"automountserviceaccounttoken", "serviceaccounttoken", "imagepullsecret"})

_KUBECONFIG_KEYS: Final = frozenset(
    {"token", "password", "client-key-data", "id-token", "refresh-token", "access-token"}
)
_APPLIED: Final = "kubectl.kubernetes.io/last-applied-configuration"

_ENCODED_PEM: Final = re.compile(r"LS0tLS1CRUdJTi[A-Za-z0-9+/]+={0,2}")
"""Base64 of what begins like a PEM block; whether it is a private key is seen when it is decoded."""

# A pattern's first group, where it has one, is kept.
_PATTERNS: Final = (
    (
        "private-key",
        re.compile(
            r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", re.DOTALL
        ),
    ),
    ("jwt", re.compile(r"\beyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?")),
    (
        "access-key",
        re.compile(
            r"(?<![A-Za-z0-9_-])(?:A[KS]IA[A-Z2-7]{16}|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}"
            r"|glpat-[A-Za-z0-9_-]{20,}|AIza[A-Za-z0-9_-]{35})(?![A-Za-z0-9_-])"
        ),
    ),
    ("bearer", re.compile(r"(?i)(\bauthorization\"?\s*[:=]\s*\"?(?:bearer|basic)\s+)(?!\[redacted)[^\s\"']+")),
    ("bearer", re.compile(r"(?i)(\bbearer\s+)[A-Za-z0-9._~+/-]{16,}=*")),
    ("url-password", re.compile(r"(?i)(\b[a-z][a-z0-9+.-]*://[^\s/:@]*:)[^\s/@]+(?=@)")),
    (
        "kubeconfig",
        re.compile(
            r"(?i)((?<![\w-])(?:client-key-data|(?:id-|refresh-|access-)?token|password)\"?\s*:[ \t]*)"
            r"(?!\"?\[redacted)(?:\"[^\"\n]*\"|[^\s\",{}\[\]]+)"
        ),
    ),
    (
        "environment",
        re.compile(
            rf"(?im)((?:^|[\s\"';&?])(?:--)?[a-z0-9_.-]*{_NAME}=)"
            r"(?!\"?\[redacted)(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s\"'&;,]+)"
        ),
    ),
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rule:
    """What a user wants cut. The pattern's first group, where it has one, is kept."""

    name: str
    pattern: re.Pattern[str]


class Known:
    """Texts in which there was nothing to cut, up to some megabytes of them."""

    def __init__(self, *, most_characters: int = 8_000_000, longest: int = 10_000) -> None:
        self._texts: set[str] = set()
        self._left = self._most = most_characters
        self._longest = longest

    def __contains__(self, text: str) -> bool:
        return text in self._texts

    def add(self, text: str) -> None:
        """Remember a text."""
        if len(text) > self._longest:
            return
        self._left -= len(text) + 50  # what each costs beside its characters
        if self._left < 0:
            self._texts.clear()
            self._left = self._most
        self._texts.add(text)


@dataclasses.dataclass(kw_only=True)
class Report:
    """How often each rule took something out."""

    own: tuple[Rule, ...] = ()
    """The user's rules."""
    mark: Callable[[str], str] = lambda _secret: ""
    """What is put beside the rule's name in place of a secret, so that two of them can be told apart."""
    keeps_managers: bool = False
    """Whether ``managedFields`` is only shortened to who wrote, which some checks tell of."""
    known: Known | None = None
    """For those who see the same texts again and again."""
    counts: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)

    def as_mapping(self) -> Mapping[str, int]:
        """Counts by the name of the rule, sorted."""
        return dict(sorted(self.counts.items()))


def redact_text(text: str, *, report: Report) -> str:
    """The text without what looks like a secret."""
    if report.known is not None and text in report.known:
        return text
    given = text
    text = _ENCODED_PEM.sub(lambda match: _decoded_key(match[0], report=report), text)
    for rule, pattern in _PATTERNS:
        text = pattern.sub(_replacement(rule, report=report), text)
    for one in report.own:
        text = one.pattern.sub(_replacement(one.name, report=report), text)
    if text == given and report.known is not None:
        report.known.add(text)
    return text


def redact_object(value: Any, *, report: Report) -> Any:
    """A copy of JSON-like data (objects of the API, lists of them, anything else) without secrets."""
    if isinstance(value, str):
        return redact_text(value, report=report)
    if isinstance(value, Mapping):
        return _mapping(value, report=report)
    if isinstance(value, list | tuple):
        return [redact_object(item, report=report) for item in value]
    return value


def redact_record(record: _Record, *, report: Report) -> _Record:
    """A copy of a dataclass in which no text, however deep, holds a secret; enums, times and numbers stay."""
    return cast("_Record", _within(record, report=report))


def _within(value: Any, *, report: Report) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: getattr(value, field.name) for field in dataclasses.fields(value) if field.init}
        return dataclasses.replace(value, **{name: _within(item, report=report) for name, item in fields.items()})
    if type(value) is str:
        return redact_text(value, report=report)
    if isinstance(value, tuple):
        return tuple(_within(item, report=report) for item in value)
    if isinstance(value, Mapping):
        return {redact_text(str(key), report=report): _within(item, report=report) for key, item in value.items()}
    return value


def _mapping(value: Mapping[Any, Any], *, report: Report, of_secrets: bool = False) -> dict[str, Any]:
    secret = of_secrets or value.get("kind") == "Secret"
    named = value.get("name")
    made: dict[str, Any] = {}
    for raw, item in value.items():
        key = str(raw)
        if key == "managedFields":
            report.counts["managed-fields"] += 1
            if report.keeps_managers and isinstance(item, list):
                made[key] = [_manager(one) for one in item if isinstance(one, Mapping)]
        elif secret and key in {"data", "stringData"} and isinstance(item, Mapping):
            made[key] = {str(name): _cut("secret-data", report=report, secret=one) for name, one in item.items()}
        elif key == "items" and value.get("kind") == "SecretList" and isinstance(item, list):
            # A list names the kind of its items once; the items themselves need not.
            made[key] = [_mapping(one, report=report, of_secrets=True) for one in item if isinstance(one, Mapping)]
        elif key == _APPLIED:
            made[key] = _cut("secret-data", report=report, secret=item)
        elif key == "value" and isinstance(item, str) and isinstance(named, str) and is_secret_name(named):
            made[key] = _cut("environment", report=report, secret=item)
        elif isinstance(item, str) and item and (key.lower() in _KUBECONFIG_KEYS or _is_secret_key(key)):
            made[key] = _cut("kubeconfig", report=report, secret=item)
        else:
            made[redact_text(key, report=report)] = redact_object(item, report=report)
    return made


def is_secret_name(name: str) -> bool:
    """Whether a variable of that name is taken for a secret."""
    return name.replace("_", "").replace("-", "").lower() not in _HARMLESS and bool(_SECRET_NAME.search(name))


def _is_secret_key(key: str) -> bool:
    # Only names as environment variables have them: `secretName` and the like are references, and are evidence.
    return key.isupper() and is_secret_name(key)


def _cut(rule: str, *, report: Report, secret: object) -> str:
    report.counts[rule] += 1
    return CUT.format(rule=rule + report.mark(str(secret)))


def _manager(entry: Mapping[Any, Any]) -> dict[str, str]:
    return {key: str(entry[key]) for key in ("manager", "operation", "subresource") if key in entry}


def _decoded_key(encoded: str, *, report: Report) -> str:
    whole = encoded.rstrip("=")
    decoded = base64.b64decode(whole[: len(whole) // 4 * 4])
    return _cut("private-key", report=report, secret=encoded) if b"PRIVATE KEY-----" in decoded else encoded


def _replacement(rule: str, *, report: Report) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        kept = str(match[1] or "") if match.re.groups else ""
        return kept + _cut(rule, report=report, secret=match[0].removeprefix(kept))

    return replace
