"""What runs have left in a cluster, found by their label, for runs whose folder and so whose ledger is lost.

Every object that a run makes bears `cleanup.RUN_LABEL`, and so does what controllers make from its templates. A label
can be looked for in one kind at a time, so whoever asks says in which kinds.
"""

from __future__ import annotations

import asyncio
import dataclasses
import tempfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ai_conformance.kube import cleanup, errors
from ai_conformance.kube.ledger import Entry, Ledger

if TYPE_CHECKING:
    from ai_conformance.kube.resources import Resource
    from ai_conformance.kube.session import Session

_ACTOR = "clean"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Traces:
    """What one run has left."""

    run: str
    entries: tuple[Entry, ...]
    newest: datetime
    """When the last of them was made."""


@dataclasses.dataclass(frozen=True, kw_only=True)
class Found:
    """What all runs have left, as far as could be looked."""

    traces: tuple[Traces, ...]
    trouble: tuple[str, ...]
    """Where could not be looked, a sentence each."""


async def find(session: Session, *, kinds: Iterable[tuple[str, str]]) -> Found:
    """Look through the whole cluster; ``kinds`` are (group, plural). What is not served is passed over."""
    served = await session.discover()
    looks, trouble = [], []
    for group, plural in sorted(set(kinds)):
        try:
            resource = served.find(group, plural)
        except errors.DiscoveryIncomplete as error:
            trouble.append(str(error))
            continue
        if resource is not None:
            looks.append(_look(session, resource))
    entries: list[tuple[Entry, datetime]] = []
    for said in await asyncio.gather(*looks):
        if isinstance(said, str):
            trouble.append(said)
        else:
            entries += said
    by_run: dict[str, list[tuple[Entry, datetime]]] = {}
    for entry, made in entries:
        by_run.setdefault(entry.run, []).append((entry, made))
    traces = [
        Traces(run=run, entries=tuple(entry for entry, _ in some), newest=max(made for _, made in some))
        for run, some in by_run.items()
    ]
    return Found(traces=tuple(sorted(traces, key=lambda one: (one.newest, one.run))), trouble=tuple(trouble))


async def _look(session: Session, resource: Resource) -> list[tuple[Entry, datetime]] | str:
    try:
        found = await session.list(resource, label_selector=cleanup.RUN_LABEL)
    except errors.KubeError as error:
        return f"{resource} could not be looked through: {error}"
    return [
        (
            Entry(
                api_version=resource.api_version,
                kind=resource.kind,
                plural=resource.plural,
                namespaced=resource.namespaced,
                name=one["metadata"]["name"],
                namespace=one["metadata"].get("namespace"),
                run=one["metadata"]["labels"][cleanup.RUN_LABEL],
                actor=_ACTOR,
                uid=one["metadata"]["uid"],
            ),
            datetime.fromisoformat(one["metadata"]["creationTimestamp"]),
        )
        for one in found.items
    ]


async def remove(session: Session, traces: Sequence[Traces], *, timeout_s: float = 300.0) -> list[cleanup.Leftover]:
    """Take it away by UID, in the order of `cleanup`; returns what could not be."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(Path(folder) / "ledger.jsonl")
        for one in traces:
            for entry in one.entries:
                ledger.record(entry)
        try:
            # Pods of one namespace may be of several runs, and those of a run are seen to go by its label.
            done = [cleanup.remove(session, ledger=ledger, entries=one.entries, timeout_s=timeout_s) for one in traces]
            return [left for some in await asyncio.gather(*done) for left in some if not left.gone]
        finally:
            ledger.close()
