"""What an artifact says about each test: the one form that all three formats come to."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Mapping


class TestOutcome(enum.Enum):
    """How a test ended."""

    # It is no test of ours, whatever pytest makes of the name.
    __test__ = False

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"


class ArtifactError(ValueError):
    """An artifact that the program's validator refuses; `line` counts from 1 and is None where no line is at fault."""

    def __init__(self, sentence: str, *, line: int | None = None) -> None:
        super().__init__(sentence)
        self.line = line


@dataclasses.dataclass(frozen=True, kw_only=True)
class ArtifactReport:
    """The tests of one artifact. A byte of a name that is no UTF-8 is kept as a lone surrogate; see `shown`."""

    tests: Mapping[str, TestOutcome]
    failures: tuple[str, ...]
    """The names of the tests that failed, in the order of the file; of packages where only a package did."""

    def outcome_of(self, name: str) -> TestOutcome | None:
        """How a test ended; where only its sub-tests are recorded, how these did together. None: it is not there."""
        if name in self.tests:
            return self.tests[name]
        below = {outcome for one, outcome in self.tests.items() if one.startswith(f"{name}/")}
        if not below:
            return None
        if TestOutcome.FAILED in below:
            return TestOutcome.FAILED
        return TestOutcome.SKIPPED if below == {TestOutcome.SKIPPED} else TestOutcome.PASSED


class Recorder:
    """Gathers outcomes: a failure stays whatever follows, otherwise the last record of a name counts."""

    def __init__(self) -> None:
        self._tests: dict[str, TestOutcome] = {}
        self._failures: list[str] = []

    def record(self, name: str, outcome: TestOutcome) -> None:
        """Note how a test ended."""
        if self._tests.get(name) is TestOutcome.FAILED:
            return
        self._tests[name] = outcome
        if outcome is TestOutcome.FAILED:
            self._failures.append(name)

    def report(self, *, failed_packages: tuple[str, ...] = ()) -> ArtifactReport:
        """What was gathered. A package that failed is of interest where no test did: it did not build, or it broke."""
        failures = tuple(self._failures) or tuple(f"package {name}" for name in failed_packages)
        return ArtifactReport(tests=dict(self._tests), failures=failures)


def shown(name: str) -> str:
    """A name for people: what could not be printed is marked."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
