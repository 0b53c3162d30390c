"""What a run's record loses before it is shown to the world; deterministic, and counted.

Secrets were cut when the run was recorded, and are cut again here in case an older version knew fewer of them. Beyond
these, a published file says nothing about the person and the network that it comes from:

- ``home-folder``: ``/home/<name>``, ``/Users/<name>``, ``/root`` become ``~``.
- ``address``: IPv4 and IPv6 addresses, but for those that mean every machine's own (loopback, unspecified).
- ``host-name``: names below a private domain (``.internal``, ``.local``, ``.lan``, ``.corp``, ``.intranet``), but for
  the cluster's own ``.cluster.local``.
- ``e-mail``: e-mail addresses.
- ``cloud-account``: the account of an ARN or of a registry of ECR, an Azure subscription, a Google Cloud project, where
  the form of the identifier says that it is one. Regions, zones and names of machines' types stay.
"""

from __future__ import annotations

import collections
import dataclasses
import enum
import ipaddress
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from ai_conformance.evidence import redaction
from ai_conformance.model.records import RunRecord

_HOME = re.compile(r"(?<![\w.~/-])(?:/home/[^/\s\"'=,;:]+|/Users/[^/\s\"'=,;:]+|/root)(?=[/\s\"'=,;:]|$)")
_IPV4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w-]|\.\d)", re.ASCII)
# Candidates only; `ipaddress` decides. Times (12:34:56) and digests are no addresses.
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])", re.ASCII)
_HOST = re.compile(r"(?<![\w.-])(?:[a-z0-9-]+\.)+(?:internal|local|lan|corp|intranet)(?![\w-]|\.\w)", re.IGNORECASE)
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
# What precedes the account is the first group, and stays. Forms: AWS General Reference (Amazon resource names), Azure
# Resource Manager (resource identifiers), Compute Engine (resource names; `gce://` is its `spec.providerID` of a Node).
_ACCOUNT = re.compile(
    r"(\barn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:)\d{12}(?=:)"
    r"|()(?<![\w.-])\d{12}(?=\.dkr[.-][a-z0-9-]+\.)"
    r"|(?i:(/subscriptions/)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
    r"|(\bgce://)[^/\s]+(?=/)"
    r"|(\bprojects/)[^/\s\[]+(?=/(?:zones|regions|locations|global)/)",
    re.ASCII,
)


@dataclasses.dataclass(kw_only=True)
class Redactions:
    """How often something was taken out, by rule and by where it stood."""

    counts: collections.Counter[tuple[str, str]] = dataclasses.field(default_factory=collections.Counter)

    def as_rows(self) -> tuple[tuple[str, str, int], ...]:
        """(where, rule, how often), sorted; what was looked at and left is not there."""
        return tuple((where, rule, count) for (where, rule), count in sorted((+self.counts).items()))


def published(record: RunRecord, *, redactions: Redactions) -> RunRecord:
    """The record as it may be shown; its verdicts, names and times are what they were."""
    changed = {
        one.name: _plain(getattr(record, one.name), where="run", redactions=redactions)
        for one in dataclasses.fields(record)
        if one.name != "checks"
    }
    checks = tuple(_plain(one, where=one.requirement, redactions=redactions) for one in record.checks)
    return dataclasses.replace(record, **changed, checks=checks)


def cut(text: str, *, where: str, redactions: Redactions) -> str:
    """A text without anything private."""
    report = redaction.Report()
    text = redaction.redact_text(text, report=report)
    for rule, count in report.counts.items():
        redactions.counts[where, rule] += count
    for rule, pattern, replacement in _RULES:
        text = pattern.sub(_counted(rule, replacement, where=where, redactions=redactions), text)
    return text


def _counted(
    rule: str, replacement: Callable[[re.Match[str]], str], *, where: str, redactions: Redactions
) -> Callable[[re.Match[str]], str]:
    def replace(found: re.Match[str]) -> str:
        made = replacement(found)
        redactions.counts[where, rule] += made != found[0]
        return made

    return replace


def _address(match: re.Match[str]) -> str:
    try:
        found = ipaddress.ip_address(match[0])
    except ValueError:
        return match[0]
    return match[0] if found.is_loopback or found.is_unspecified else "[address]"


def _host(match: re.Match[str]) -> str:
    return match[0] if match[0].lower().endswith("cluster.local") else "[host]"


def _account(match: re.Match[str]) -> str:
    return next(kept for kept in match.groups() if kept is not None) + "[account]"


_RULES: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    ("home-folder", _HOME, lambda _: "~"),
    ("e-mail", _MAIL, lambda _: "[e-mail]"),
    ("address", _IPV4, _address),
    ("address", _IPV6, _address),
    ("host-name", _HOST, _host),
    ("cloud-account", _ACCOUNT, _account),
)


def _plain(value: Any, *, where: str, redactions: Redactions) -> Any:
    if isinstance(value, enum.Enum | datetime | int | float | None):
        return value
    if isinstance(value, str):
        return cut(value, where=where, redactions=redactions)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        parts = {
            one.name: _plain(getattr(value, one.name), where=where, redactions=redactions)
            for one in dataclasses.fields(value)
        }
        return dataclasses.replace(value, **parts)
    if isinstance(value, Mapping):
        return {key: _plain(item, where=where, redactions=redactions) for key, item in value.items()}
    return tuple(_plain(item, where=where, redactions=redactions) for item in value)
