"""Apply and clear faults of a running lab, and say which are active.

A fault is on record before it is applied and until it has been cleared. So another process, or one that comes after a
crash, knows what may be in effect and can undo it.
"""

from __future__ import annotations

import dataclasses
import datetime
import difflib
import json
from collections.abc import Sequence
from pathlib import Path

from ai_conformance.lab.addons.ledger import installed
from ai_conformance.lab.faults import registry
from ai_conformance.lab.faults.model import Fault, FaultError, FaultyLab, Scope, faults_folder

_SUFFIX = ".fault.json"


@dataclasses.dataclass(frozen=True, kw_only=True)
class ActiveFault:
    """A fault that is in effect, or was on its way to be when its process ended."""

    name: str
    nodes: tuple[str, ...]
    """The nodes it is limited to; all nodes for a fault of the whole lab."""
    applied_at: str
    """RFC 3339, UTC."""


def apply(lab: FaultyLab, name: str, *, nodes: Sequence[str] = ()) -> ActiveFault:
    """Bring a fault about, on the given nodes or on all; returns when it can be observed.

    Applying it again, or to more nodes, is fine. Raises FaultError, with what to do, if it cannot be done.
    """
    fault = find(name)
    known = [node.name for node in lab.nodes]
    for node in nodes:
        if node not in known:
            raise FaultError(f"There is no node {node} in this lab.", remedy=f"It has {', '.join(known)}.")
    if nodes and fault.scope is Scope.LAB:
        raise FaultError(f"{name} breaks the whole cluster, not single nodes.", remedy="Leave out --node.")
    there = installed(lab.state)
    lacking = [need for need in fault.needs if not there.get(need, False)]
    if lacking:
        raise FaultError(
            f"{name} breaks {', '.join(lacking)}, which this lab does not have.",
            remedy=f"`ai-conformance lab addon install {','.join(lacking)}` brings it in.",
        )
    hiding = [one for one in fault.hidden_by if one in there]
    if hiding:
        raise FaultError(
            f"{name} does not show while {', '.join(hiding)} does the same beside it.",
            remedy=f"`ai-conformance lab addon remove {hiding[0]}` takes it out, once nothing needs it.",
        )
    earlier = _read(lab.state, name)
    wanted = {*(nodes or known), *(earlier.nodes if earlier else ())}
    record = ActiveFault(
        name=name,
        nodes=tuple(node for node in known if node in wanted),
        applied_at=datetime.datetime.now(tz=datetime.UTC).isoformat(timespec="seconds"),
    )
    _write(lab, record)
    fault.effect.apply(lab, nodes=record.nodes)
    return record


def clear(lab: FaultyLab, name: str | None = None) -> list[ActiveFault]:
    """Undo one fault, or all; returns those that were active, which may be none. FaultError for an unknown name."""
    if name is not None:
        find(name)
    cleared = [record for record in active(lab.state) if name in (None, record.name)]
    for record in cleared:
        find(record.name).effect.clear(lab, nodes=record.nodes)
        (faults_folder(lab) / f"{record.name}{_SUFFIX}").unlink(missing_ok=True)
    return cleared


def active(state: Path) -> list[ActiveFault]:
    """The faults on record in a lab's state folder, by name; the lab need not be running."""
    folder = state / "faults"
    if not folder.is_dir():
        return []
    names = sorted(path.name.removesuffix(_SUFFIX) for path in folder.glob(f"*{_SUFFIX}"))
    return [record for name in names if (record := _read(state, name))]


def find(name: str) -> Fault:
    """The fault of that name; FaultError with the nearest names if there is none."""
    for fault in registry.FAULTS:
        if fault.name == name:
            return fault
    near = difflib.get_close_matches(name, [fault.name for fault in registry.FAULTS], n=3)
    hint = f"Did you mean {' or '.join(near)}?" if near else "`ai-conformance lab fault list` names them all."
    raise FaultError(f"There is no fault {name}.", remedy=hint)


def _read(state: Path, name: str) -> ActiveFault | None:
    try:
        data = json.loads((state / "faults" / f"{name}{_SUFFIX}").read_text())
    except FileNotFoundError:
        return None
    return ActiveFault(name=data["name"], nodes=tuple(data["nodes"]), applied_at=data["applied_at"])


def _write(lab: FaultyLab, record: ActiveFault) -> None:
    folder = faults_folder(lab)
    folder.mkdir(parents=True, exist_ok=True)
    part = folder / f"{record.name}.part"
    part.write_text(json.dumps(dataclasses.asdict(record)))
    part.rename(folder / f"{record.name}{_SUFFIX}")
