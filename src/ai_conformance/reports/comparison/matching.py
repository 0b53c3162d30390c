"""What in the one run belongs to what in the other.

Requirements by their id; those that are left by the program's test name, else by the number of their proposal (KAR),
which stay where an id is changed. Cases by name and variant, and the n-th of a name with the n-th. A variant names a
node: where nodes have other names, what is left of a case in both runs is compared as a whole, by its worst verdict.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from ai_conformance.model import verdicts
from ai_conformance.model.records import CaseRecord, CheckRecord
from ai_conformance.reports.comparison.findings import Renaming

_Record = TypeVar("_Record")
Pair = tuple[_Record | None, _Record | None]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Checks:
    """The requirements of two runs, in pairs, in the order of the second run; those that it lost come last."""

    pairs: tuple[Pair[CheckRecord], ...]
    renamings: tuple[Renaming, ...]


def checks(before: Sequence[CheckRecord], after: Sequence[CheckRecord], *, proposals: Mapping[str, int]) -> Checks:
    """Match requirements; `proposals` has the number of the proposal by id."""
    paired = _paired(_keyed(before, key=_id), _keyed(after, key=_id))
    lost = [one for one, other in paired if one is not None and other is None]
    found: dict[int, tuple[CheckRecord, str]] = {}
    for new in (other for one, other in paired if one is None and other is not None):
        for old in lost:
            common = _common(old, new, proposals=proposals)
            if common:
                found[id(new)] = (old, common)
                lost.remove(old)
                break
    renamings = []
    pairs: list[Pair[CheckRecord]] = []
    for one, other in paired:
        if other is not None and id(other) in found:
            old, common = found[id(other)]
            renamings.append(Renaming(before=old.requirement, after=other.requirement, known_by=common))
            pairs.append((old, other))
        elif other is not None or any(one is kept for kept in lost):
            pairs.append((one, other))
    return Checks(pairs=tuple(pairs), renamings=tuple(renamings))


def cases(before: CheckRecord, after: CheckRecord) -> Iterator[Pair[CaseRecord]]:
    """Match the cases of a requirement; what a group was combined to has no variant."""
    paired = _paired(_keyed(before.cases, key=_named), _keyed(after.cases, key=_named))
    lost, new = (
        _left(one for one, other in paired if other is None),
        _left(other for one, other in paired if one is None),
    )
    elsewhere = lost.keys() & new.keys()
    for one, other in paired:
        if (one is not None and other is not None) or _name(one, other) not in elsewhere:
            yield one, other
    for name in (name for name in new if name in elsewhere):
        yield _whole(lost[name]), _whole(new[name])


def _common(old: CheckRecord, new: CheckRecord, *, proposals: Mapping[str, int]) -> str:
    if old.artifact and old.artifact == new.artifact:
        return f"the program's test {new.artifact}"
    number = proposals.get(new.requirement)
    if number is not None and proposals.get(old.requirement) == number:
        return f"KAR-{number:04d}"
    return ""


def _id(check: CheckRecord) -> str:
    return check.requirement


def _named(case: CaseRecord) -> tuple[str, str]:
    return case.name, case.variant


def _name(one: CaseRecord | None, other: CaseRecord | None) -> str:
    found = one or other
    return found.name if found else ""


def _keyed(records: Iterable[_Record], *, key: Callable[[_Record], object]) -> dict[tuple[object, int], _Record]:
    """By key and by how often the key was there before."""
    seen: Counter[object] = Counter()
    made: dict[tuple[object, int], _Record] = {}
    for record in records:
        name = key(record)
        made[name, seen[name]] = record
        seen[name] += 1
    return made


def _paired(
    before: Mapping[tuple[object, int], _Record], after: Mapping[tuple[object, int], _Record]
) -> list[Pair[_Record]]:
    kept: list[Pair[_Record]] = [(before.get(key), other) for key, other in after.items()]
    return kept + [(one, None) for key, one in before.items() if key not in after]


def _left(found: Iterable[CaseRecord | None]) -> dict[str, list[CaseRecord]]:
    groups: dict[str, list[CaseRecord]] = {}
    for case in found:
        if case is not None:
            groups.setdefault(case.name, []).append(case)
    return groups


def _whole(group: Sequence[CaseRecord]) -> CaseRecord:
    """The one that decides over a group."""
    verdict = verdicts.combine(case.verdict for case in group)
    deciding = next(case for case in group if case.verdict is verdict)
    return dataclasses.replace(deciding, variant="", duration_s=max(case.duration_s for case in group))
