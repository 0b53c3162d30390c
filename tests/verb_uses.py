"""Which verbs the checks declare, and which a run has sent: pure, from metadata and from a run's transcript."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

from ai_conformance import catalog
from ai_conformance.checks import registry
from ai_conformance.cli import planning
from ai_conformance.engine import permissions
from ai_conformance.engine.permissions import Need

CHECKS = tuple(one.id for one in catalog.load().all_requirements if registry.get(one.id) is not None)
EVERY_RUN = "run"
"""Who needs what a run needs that is no check's doing; so its requests are signed, too."""

_BY_METHOD = {"POST": "create", "PUT": "update", "PATCH": "patch"}


@dataclasses.dataclass(frozen=True, kw_only=True, order=True)
class Verb:
    """One verb on one resource."""

    group: str
    resource: str
    """With its subresource, as RBAC writes it."""
    verb: str

    def __str__(self) -> str:
        return f"{self.verb} {self.resource}{f'.{self.group}' if self.group else ''}"

    def is_named_in(self, reason: str) -> bool:
        """Whether a reason names both."""
        return self.verb in reason and self.resource in reason


# What the server asks for besides, where it is asked for the former; no request says so.
_IMPLIED = {
    Verb(group="", resource="pods/exec", verb="get"): Verb(group="", resource="pods/exec", verb="create"),
    Verb(group="resource.k8s.io", resource="resourceclaims/status", verb="update"): Verb(
        group="resource.k8s.io", resource="resourceclaims/binding", verb="update"
    ),
}


def needs(requirements: Sequence[str]) -> tuple[Need, ...]:
    """What a plan of these checks needs."""
    plan = planning.without_cluster(
        release=None, requirements=tuple(requirements), skip=(), chosen=None, disruptive=False
    )
    return permissions.needed(plan)


def declared() -> dict[str, frozenset[Verb]]:
    """Of each check, and of every run under `EVERY_RUN`."""
    found: dict[str, set[Verb]] = {EVERY_RUN: set(), **{name: set() for name in CHECKS}}
    for need in needs(CHECKS):
        verb = Verb(group=need.group, resource=need.resource, verb=need.verb)
        for name in need.requirements or (EVERY_RUN,):
            found[name].add(verb)
    return {name: frozenset(verbs) for name, verbs in found.items()}


def rules(requirements: Sequence[str], *, without: Verb | None = None) -> list[dict[str, Any]]:
    """The rules of a role for a plan of these checks, a verb each, but for one."""
    return [
        {"apiGroups": [need.group], "resources": [need.resource], "verbs": [need.verb]}
        for need in needs(requirements)
        if Verb(group=need.group, resource=need.resource, verb=need.verb) != without
    ]


def sent(transcript: Iterable[str]) -> dict[str, frozenset[Verb]]:
    """From the lines of a transcript: what each check has asked for, and the run itself under `EVERY_RUN`."""
    found: dict[str, set[Verb]] = {}
    for line in transcript:
        entry = json.loads(line)
        verb = asked(entry["method"], entry["path"])
        if verb is not None:
            name = str(entry["actor"]).removeprefix("check/")
            found.setdefault(name, set()).update({verb, _IMPLIED.get(verb, verb)})
    return {name: frozenset(verbs) for name, verbs in found.items()}


def asked(method: str, address: str) -> Verb | None:
    """The verb that the server's authoriser sees in a request; None where it is about no resource."""
    parts = urlsplit(address)
    query: Mapping[str, list[str]] = parse_qs(parts.query)
    path = parts.path.strip("/").split("/")
    if path[0] == "api" and len(path) > 2:
        group, rest = "", path[2:]
    elif path[0] == "apis" and len(path) > 3:
        group, rest = path[1], path[3:]
    else:
        return None
    if rest[0] == "namespaces" and len(rest) > 2:
        rest = rest[2:]
    resource = "/".join(one for place, one in enumerate(rest[:3]) if place != 1)
    named = len(rest) > 1
    match method:
        case "GET" if query.get("watch") == ["true"]:
            verb = "watch"
        case "GET":
            verb = "get" if named else "list"
        case "DELETE":
            verb = "delete" if named else "deletecollection"
        case _:
            verb = _BY_METHOD[method]
    return Verb(group=group, resource=resource, verb=verb)
