"""What there is to tell of a requirement, from the catalog, from what its check declares and from the lab's faults.

Said once, as fields and tables: `explain` shows them on a terminal, `pages` writes the documentation of them.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ai_conformance.checks import registry
from ai_conformance.checks.waits import Profile
from ai_conformance.kube.isolation import Network, PodSecurity

if TYPE_CHECKING:
    from ai_conformance.catalog import Catalog
    from ai_conformance.checks.metadata import CheckMetadata
    from ai_conformance.lab.faults.model import Fault
    from ai_conformance.model.requirements import Requirement

BY_HAND = (
    "No check is automated yet, so a run reports NOT_TESTED. A person has to try it and to attest to it; a submission "
    "then links evidence of one's own, such as public documentation or a log."
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Field:
    """A name and a sentence."""

    name: str
    text: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Table:
    """Rows under a title; the first cell of a row names it."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    codes: tuple[int, ...] = ()
    """The columns whose cells are names of things, written as such."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Group:
    """Fields that stand together."""

    title: str
    fields: tuple[Field, ...]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Explanation:
    """All of one requirement, in the order in which it is told."""

    id: str
    title: str
    summary: str
    facts: tuple[Field, ...]
    """What the program says of it."""
    parts: tuple[Group | Table, ...]
    """What is done here; empty where no check is automated."""


def of(entry: Requirement, *, facts: Catalog) -> Explanation:
    """The explanation of a requirement; its check, where there is one, is found by its id."""
    check = registry.get(entry.id)
    return Explanation(
        id=entry.id,
        title=entry.title,
        summary=entry.summary,
        facts=tuple(_facts(entry)),
        parts=tuple(_parts(entry, check, facts=facts)) if check is not None else (),
    )


def faults(entry: Requirement) -> list[Fault]:
    """The lab's faults that its check has to notice."""
    from ai_conformance.lab.faults.registry import FAULTS  # noqa: PLC0415 - `--help` reads none of them

    return [fault for fault in FAULTS if entry.id in fault.breaks]


def _of_fault(fault: Fault) -> str:
    return f"{fault.summary} (with {' '.join(fault.options)})" if fault.options else fault.summary


def _facts(entry: Requirement) -> Iterator[Field]:
    levels = [f"{release} {level.value}" for release, level in entry.levels.items()]
    levels += [f"{release} {level.value} (announced)" for release, level in entry.announced.items()]
    yield Field(name="Levels", text=", ".join(levels))
    proposal = f"KAR-{entry.kar:04d}" if entry.kar is not None else "older than the proposals (KARs)"
    yield Field(name="Proposal", text=proposal)
    if entry.condition:
        otherwise = "otherwise NOT_APPLICABLE, with the observation that shows it"
        yield Field(name="Applies", text=f"if {entry.condition}; {otherwise}")
    if entry.artifact:
        proposed = " (proposed, not merged yet)" if entry.artifact_proposed else ""
        yield Field(name="Program's test", text=entry.artifact + proposed)


_TRAFFIC = {
    Network.NONE: "its pods need no network",
    Network.SERVES: "a NetworkPolicy lets its pods be reached, by the monitoring system wherever that is",
    Network.OPEN: "a NetworkPolicy lets its pods reach and be reached: where a Gateway's address is nobody knows",
}


def _namespaces(check: CheckMetadata) -> Iterator[tuple[str, str, str]]:
    name = f"aic-{check.requirement.replace('_', '-')}-RUN"
    for one in check.relaxed:
        yield f"{name}{'-' if one.suffix else ''}{one.suffix}", one.level.value, one.why
    yield "any other" if check.relaxed else "all of them", PodSecurity.RESTRICTED.value, "its pods meet it"


def _parts(entry: Requirement, check: CheckMetadata, *, facts: Catalog) -> Iterator[Group | Table]:
    yield Group(
        title="The check",
        fields=(
            Field(name="Proved here", text=check.summary),
            Field(name="Test name", text=check.artifact),
            Field(name="On what", text=check.needs),
            Field(name="Network", text=_TRAFFIC[check.network]),
        ),
    )
    yield Table(
        title="Cases",
        columns=("kind", "case", "what has been shown when it passes"),
        rows=tuple((case.kind.value, case.name, case.proves) for case in check.cases),
        codes=(1,),
    )
    if check.kinds is not None:
        known = (kind.partition(": ") for kind in check.kinds(facts))
        yield Table(
            title="Kinds that it knows; where several are there, the first is judged unless an option names another",
            columns=("kind", "how it is known, and on what it was tried"),
            rows=tuple((name, text) for name, _, text in known),
            codes=(0,),
        )
    tried = faults(entry)
    if tried:
        yield Table(
            title="Faults that it is tried with (ai-conformance lab fault apply NAME), and its verdict",
            columns=("verdict", "fault", "what is wrong with the platform"),
            rows=tuple((fault.breaks[entry.id], fault.name, _of_fault(fault)) for fault in tried),
            codes=(1,),
        )
    yield Table(
        title="Evidence that is kept (evidence/REQUIREMENT/CASE in the run's folder)",
        columns=("file", "what it has"),
        rows=tuple((one.name, one.content) for one in check.evidence),
        codes=(0,),
    )
    yield Table(
        title="API verbs",
        columns=("resource", "verbs", "where"),
        rows=tuple(
            (
                f"{use.plural}.{use.group}" if use.group else use.plural,
                ", ".join(use.verbs),
                "in its own namespaces" if use.own_namespace else "in the whole cluster",
            )
            for use in check.all_uses
        )
        + tuple(
            (
                f"{use.plural}.{use.group}" if use.group else use.plural,
                ", ".join(use.verbs),
                "in the whole cluster, only with --disruptive",
            )
            for use in check.disruptive_uses
        ),
        codes=(0,),
    )
    yield Table(
        title="Its namespaces",
        columns=("namespace", "Pod Security", "why"),
        rows=tuple(_namespaces(check)),
        codes=(1,),
    )
    if check.images:
        yield Table(
            title="Images (--image-registry and --image-map replace them)",
            columns=("image", "what it is for"),
            rows=tuple((one.name, one.purpose) for one in facts.images if one.name in check.images),
            codes=(0,),
        )
    yield Table(
        title=f"Waits, in seconds ({', '.join(profile.value for profile in Profile)})",
        columns=("wait", "seconds", "why so long"),
        rows=tuple(
            (wait.name, ", ".join(f"{wait.seconds(profile):g}" for profile in Profile), wait.reason)
            for wait in check.waits
        ),
    )
    yield Group(
        title="What to do about it",
        fields=(Field(name="On FAIL", text=check.on_fail), Field(name="On BLOCKED", text=check.on_blocked)),
    )
