"""Takes secrets out of evidence before it is written; deterministic, and it counts what it took.

Rules, each with its reason:

- ``managed-fields``: ``metadata.managedFields`` is dropped; it proves nothing and is most of an object's bulk.
- ``secret-data``: ``data`` and ``stringData`` of a Secret keep their keys and lose their values, where a Secret is told
  as text as well; so do the annotations in which tools keep an object as it was applied.
- ``kubeconfig``: tokens, passwords, client keys and what an exec plugin is given, by key, in kubeconfigs and elsewhere.
- ``environment``: the value of an environment variable, a header, an annotation or an entry of a ConfigMap, or of a
  ``--flag`` in a command line, whose name says that it is a secret.
- ``docker-config``: credentials for registries.
- ``private-key``, ``jwt``, ``bearer``, ``header``, ``url-password``, ``signed-url``, ``password-hash``: by their form,
  in any text. Public certificates stay.
- ``access-key``: by the prefixes that their issuers give them: AWS (``AKIA``, ``ASIA``), GitHub (``ghp_`` and its kin,
  ``github_pat_``), GitLab (``glpat-``), Google (``AIza``, ``ya29.``, ``GOCSPX-``), Hugging Face (``hf_``), NVIDIA
  (``nvapi-``), OpenAI and Anthropic (``sk-``), Slack (``xox``), Docker (``dckr_pat_``), npm (``npm_``), Vault
  (``hvs.``).
- ``environment`` and ``kubeconfig`` hold in text too, where a line says ``NAME=value`` or ``key: value``.

Text in base64 is cut whole where there is a secret in it. A word without any of these forms, at a place whose name says
nothing, is not known for a secret by anybody: a user may add rules (`own_rules`), which are applied after these.
"""

from __future__ import annotations

import base64
import binascii
import collections
import dataclasses
import enum
import functools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar, cast

from ai_conformance.evidence import forms

CUT: Final = "[redacted: {rule}]"
_BEGUN: Final = "[redacted: "

_Record = TypeVar("_Record")

# Names that end like a secret's and are none: fields of the API that say where a token is, not what it is.
_HARMLESS: Final = frozenset({"automountserviceaccounttoken", "serviceaccounttoken", "imagepullsecret"})

# Annotations in which a tool keeps the whole object as it was applied, some of them compressed.
_APPLIED: Final = frozenset(
    {
        "kubectl.kubernetes.io/last-applied-configuration",
        "kapp.k14s.io/original",
        "objectset.rio.cattle.io/applied",
        "banzaicloud.com/last-applied",
    }
)
_DOCKER_CONFIGS: Final = frozenset({".dockerconfigjson", ".dockercfg"})
_FREELY_NAMED: Final = frozenset({"annotations", "labels", "data", "binaryData", "stringData", "parameters"})
"""What people and programs give names of their own to, so that any name may be a secret's."""
_BOXES: Final = frozenset({"string", "value", "version"})
"""Of a value in an object of its own, as an attribute of a device is."""

_WORDS: Final = tuple(dict.fromkeys(word for form in forms.FORMS for word in form.words))
_SHORT: Final = 256
"""Characters of a text that is remembered as clean: names, labels, images and the like come again and again."""
_LONGEST_NESTING: Final = 2


@dataclasses.dataclass(frozen=True, kw_only=True)
class Rule:
    """What a user wants cut. The pattern's first group, where it has one, is kept."""

    name: str
    pattern: re.Pattern[str]


@dataclasses.dataclass(kw_only=True)
class Report:
    """How often each rule took something out."""

    own: tuple[Rule, ...] = ()
    """The user's rules."""
    mark: Callable[[str], str] = lambda _secret: ""
    """What is put beside the rule's name in place of a secret, so that two of them can be told apart."""
    keeps_managers: bool = False
    """Whether ``managedFields`` is only shortened to who wrote, which some checks tell of."""
    counts: collections.Counter[str] = dataclasses.field(default_factory=collections.Counter)

    def as_mapping(self) -> Mapping[str, int]:
        """Counts by the name of the rule, sorted."""
        return dict(sorted(self.counts.items()))


def redact_text(text: str, *, report: Report) -> str:
    """The text without what looks like a secret."""
    if not (len(text) <= _SHORT and _is_clean(text)):
        text = _redacted(text, report=report, nesting=0)
    for one in report.own:
        text = one.pattern.sub(_replacement(one.name, report=report, group=1 if one.pattern.groups else 0), text)
    return text


def _redacted(text: str, *, report: Report, nesting: int) -> str:
    if nesting <= _LONGEST_NESTING:
        text = forms.ENCODED.sub(lambda match: _decoded(match[0], report=report, nesting=nesting + 1), text)
    for form in _possible(text):
        group = "kept" if "kept" in form.pattern.groupindex else 0
        text = form.pattern.sub(_replacement(form.rule, report=report, group=group), text)
    return text


@functools.lru_cache(maxsize=16384)
def _is_clean(text: str) -> bool:
    return not _possible(text) and not forms.ENCODED.search(text)


def _possible(text: str) -> list[forms.Form]:
    """The forms that may be in a text, by its words."""
    lowered = text.lower()
    words = {word for word in _WORDS if word in lowered}
    if not words:
        return []
    return [
        form
        for form in forms.FORMS
        if not words.isdisjoint(form.words) and (form.only_with is None or form.only_with.search(text))
    ]


def redact_object(value: Any, *, report: Report) -> Any:
    """A copy of JSON-like data (objects of the API, lists of them, anything else) without secrets."""
    if isinstance(value, str):
        return redact_text(value, report=report)
    if isinstance(value, Mapping):
        return _mapping(value, report=report)
    if isinstance(value, list | tuple):
        return _list(value, report=report, each=redact_object)
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
        return tuple(_list(value, report=report, each=_within))
    if isinstance(value, Mapping):
        return {redact_text(str(key), report=report): _within(item, report=report) for key, item in value.items()}
    return value


class _Holds(enum.Enum):
    """What stands under a key, as far as the key tells."""

    ANYTHING = enum.auto()
    MANAGED_FIELDS = enum.auto()
    APPLIED = enum.auto()
    DOCKER_CONFIG = enum.auto()
    SECRET = enum.auto()
    FREELY_NAMED = enum.auto()


@functools.lru_cache(maxsize=16384)
def _held_under(key: str) -> _Holds:
    if key == "managedFields":
        return _Holds.MANAGED_FIELDS
    if key in _APPLIED:
        return _Holds.APPLIED
    if key in _DOCKER_CONFIGS:
        return _Holds.DOCKER_CONFIG
    if key in _FREELY_NAMED:
        return _Holds.FREELY_NAMED
    # `secretName` and the like are references, and are evidence; names as environment variables have them are not.
    if forms.FIELD.search(key) or (key.isupper() and is_secret_name(key)):
        return _Holds.ANYTHING if _is_harmless(key) else _Holds.SECRET
    return _Holds.ANYTHING


_CUT_BY: Final = {
    _Holds.APPLIED: "secret-data",
    _Holds.DOCKER_CONFIG: "docker-config",
    _Holds.SECRET: "kubeconfig",
}


def _mapping(value: Mapping[Any, Any], *, report: Report, of_secrets: bool = False) -> dict[str, Any]:
    kind = value.get("kind")
    secret = of_secrets or kind == "Secret"
    named = value.get("name", value.get("key"))
    made: dict[str, Any] = {}
    for raw, item in value.items():
        key = str(raw)
        holds = _held_under(key)
        if holds is _Holds.MANAGED_FIELDS:
            report.counts["managed-fields"] += 1
            if report.keeps_managers and isinstance(item, list):
                made[key] = [_manager(one) for one in item if isinstance(one, Mapping)]
        elif secret and key in {"data", "stringData"} and isinstance(item, Mapping):
            made[key] = {str(name): _cut_once(held, "secret-data", report=report) for name, held in item.items()}
        elif key == "items" and kind == "SecretList" and isinstance(item, list):
            # A list names the kind of its items once; the items themselves need not.
            made[key] = [_mapping(one, report=report, of_secrets=True) for one in item if isinstance(one, Mapping)]
        elif holds in _CUT_BY and (text := _text_in(item)):
            cut = _cut_once(text, _CUT_BY[holds], report=report)
            made[key] = {next(iter(item)): cut} if isinstance(item, Mapping) else cut
        elif holds is _Holds.FREELY_NAMED and isinstance(item, Mapping):
            made[key] = _freely_named(item, report=report)
        elif key == "value" and isinstance(item, str) and isinstance(named, str) and is_secret_name(named):
            made[key] = _cut_once(item, "environment", report=report)
        else:
            made[redact_text(key, report=report)] = redact_object(item, report=report)
    return made


def _text_in(item: Any) -> str:
    """A text, or the one text in a box."""
    if isinstance(item, Mapping) and len(item) == 1:
        ((key, item),) = item.items()
        if key not in _BOXES:
            return ""
    return item if isinstance(item, str) else ""


def _freely_named(value: Mapping[Any, Any], *, report: Report) -> dict[str, Any]:
    made = {}
    for raw, item in value.items():
        name = str(raw)
        if isinstance(item, str) and item and _held_under(name) is _Holds.ANYTHING and is_secret_name(name):
            made[name] = _cut_once(item, "environment", report=report)
        else:
            made |= _mapping({name: item}, report=report)
    return made


def _list(value: Sequence[Any], *, report: Report, each: Callable[..., Any]) -> list[Any]:
    made: list[Any] = []
    before: Any = None
    for item in value:
        follows_flag = isinstance(item, str) and isinstance(before, str) and before.startswith("-")
        if follows_flag and not item.startswith(("-", _BEGUN)) and forms.FLAG.fullmatch(before):
            made.append(_cut("environment", report=report, secret=item))
        else:
            made.append(each(item, report=report))
        before = item
    return made


@functools.lru_cache(maxsize=16384)
def is_secret_name(name: str) -> bool:
    """Whether a variable of that name is taken for a secret."""
    return not _is_harmless(name) and bool(forms.NAMED.search(name))


def _is_harmless(name: str) -> bool:
    return name.replace("_", "").replace("-", "").lower() in _HARMLESS


def _cut(rule: str, *, report: Report, secret: object) -> str:
    report.counts[rule] += 1
    return CUT.format(rule=rule + report.mark(str(secret)))


def _manager(entry: Mapping[Any, Any]) -> dict[str, str]:
    return {key: str(entry[key]) for key in ("manager", "operation", "subresource") if key in entry}


def _cut_once(held: Any, rule: str, *, report: Report) -> str:
    """Cut, if it is not what was cut before already."""
    return held if isinstance(held, str) and held.startswith(_BEGUN) else _cut(rule, report=report, secret=held)


def _decoded(encoded: str, *, report: Report, nesting: int) -> str:
    """Base64 as it stands, or cut whole where its text holds a secret."""
    whole = encoded.rstrip("=")
    try:
        text = base64.b64decode(whole + "=" * (-len(whole) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError):
        try:  # what was cut off in the middle
            text = base64.b64decode(whole[: len(whole) // 4 * 4]).decode()
        except UnicodeDecodeError:
            return encoded
    within = Report()
    _redacted(text, report=within, nesting=nesting)
    return _cut(next(iter(within.counts)), report=report, secret=encoded) if within.counts else encoded


def _replacement(rule: str, *, report: Report, group: int | str) -> Callable[[re.Match[str]], str]:
    def replace(match: re.Match[str]) -> str:
        kept = str(match[group] or "") if group else ""
        return kept + _cut(rule, report=report, secret=match[0].removeprefix(kept))

    return replace
