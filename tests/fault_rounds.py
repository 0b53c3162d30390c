"""Faults tried several at a time: each of a round breaks checks that none of the others does.

A whole run takes hardly longer than its longest check, so a round costs as much as a single fault. That a fault leaves
all other checks as they are, without which rounds would prove nothing, is what docs/fault-table.md shows one by one.
"""

from __future__ import annotations

import concurrent.futures
from collections.abc import Callable, Sequence
from pathlib import Path

import lab_trial as trial
from ai_conformance.lab.faults import operations
from ai_conformance.lab.faults.model import Fault
from ai_conformance.lab.lab import Lab

OPTIONS = (
    "--allow-scale",
    # Twice what a sound pool takes on a busy machine, and more; a broken one takes it in full.
    *("--autoscaler-scale-up-timeout", "30s"),
    *("--autoscaler-scale-down-timeout", "60s"),
    # Faults are on every node.
    *("--nodes-per-class", "1"),
)

SHORTENED = {
    # Its pods never start, and one check after the other holds the accelerators until it has waited long enough for
    # that: five minutes for five checks. The first two tell all there is; docs/fault-table.md has the others.
    "prepare-fails": ("dra_support", "secure_accelerator_access"),
}
"""Of these faults not all of the checks that they break are tried."""

_DEVICES = frozenset({"dra_support", "secure_accelerator_access"})


def tried(fault: Fault) -> dict[str, str]:
    """The verdicts that are expected of the checks that are tried, by requirement."""
    wanted = SHORTENED.get(fault.name, tuple(fault.breaks))
    return {name: str(verdict) for name, verdict in fault.breaks.items() if name in wanted}


def rounds(faults: Sequence[Fault]) -> list[list[Fault]]:
    """As few as can be had by putting each fault into the first round that it fits."""
    made: list[list[Fault]] = []
    for fault in faults:
        fitting = (one for one in made if not any(_collide(fault, other) for other in one))
        one = next(fitting, None)
        if one is None:
            made.append([fault])
        else:
            one.append(fault)
    return made


def _collide(fault: Fault, other: Fault) -> bool:
    # What takes room or nodes away from the other checks can change what they say of their own faults.
    return fault.disturbs or other.disturbs or bool(_concerns(fault) & _concerns(other))


def _concerns(fault: Fault) -> set[str]:
    """The checks that a fault breaks; and of two mechanisms that hand out devices one has to stay for the others."""
    return {*fault.breaks, *(["devices"] if _DEVICES.intersection(fault.breaks) else [])}


class Rounds:
    """What the checks say of each fault, a round at a time, when it is first asked for."""

    def __init__(self, lab: Lab, faults: Sequence[Fault], folder: Path) -> None:
        self._lab, self._folder = lab, folder
        self._rounds = rounds(faults)
        self._said: dict[str, dict[str, trial.Said]] = {}

    def said(self, fault: Fault) -> dict[str, trial.Said]:
        """Of the checks that are `tried`, by requirement."""
        number = next(number for number, one in enumerate(self._rounds) if fault in one)
        if fault.name not in self._said:
            self._try(self._rounds[number], self._folder / f"round-{number}")
        return {name: self._said[fault.name][name] for name in tried(fault)}

    def _try(self, faults: Sequence[Fault], folder: Path) -> None:
        checks = [name for fault in faults for name in tried(fault)]
        # What an earlier round could not clear is told by that round, and has no say in this one.
        operations.clear(self._lab)
        try:
            self._all(operations.apply, faults)
            said = trial.run(self._lab.kubeconfig, folder, requirements=checks, options=OPTIONS)
        finally:
            self._all(operations.clear, faults)
        self._said |= {fault.name: said for fault in faults}

    def _all(self, do: Callable[[Lab, str], object], faults: Sequence[Fault]) -> None:
        """Those of one add-on one after the other, and so those of the lab itself; of several side by side."""
        groups: dict[tuple[str, ...], list[Fault]] = {}
        for fault in faults:
            groups.setdefault(fault.needs, []).append(fault)

        def in_turn(group: list[Fault]) -> None:
            for fault in group:
                do(self._lab, fault.name)

        with concurrent.futures.ThreadPoolExecutor(len(groups)) as pool:
            for done in [pool.submit(in_turn, group) for group in groups.values()]:
                done.result()
