"""What is wrong with a submission, and where: the one form that every rule reports in and every output is made from."""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterable
from pathlib import Path

from ai_conformance.model.verdicts import ExitCode

Step = str | int
"""One step into a document: a key of a mapping, or the index of an item of a list."""


class Severity(enum.StrEnum):
    """How much a finding weighs."""

    ERROR = "error"
    """The submission does not conform."""
    WARNING = "warning"
    """A reviewer will ask about it."""
    NOTE = "note"
    """Worth knowing; nothing to do before the pull request."""

    @property
    def rank(self) -> int:
        """The heaviest first."""
        return list(Severity).index(self)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Correction:
    """A change that is safe to make without asking: one value of the document becomes another text."""

    place: tuple[Step, ...]
    value: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong, at one place, with what to do about it."""

    rule: str
    """The id of the rule, such as `metadata/logo-format` or, of the official validator's, `upstream/status`."""
    severity: Severity
    message: str
    path: Path
    line: int = 1
    """From 1."""
    column: int = 1
    """From 1, in characters."""
    requirement: str | None = None
    """The id of the requirement that it is about; none for metadata and for the folder as a whole."""
    remedy: str = ""
    correction: Correction | None = None

    @property
    def fixable(self) -> bool:
        """Whether `--fix` can correct it."""
        return self.correction is not None

    @property
    def sentence(self) -> str:
        """The message, with the requirement in front where it does not name it itself."""
        about = self.requirement
        return f"{about}: {self.message}" if about and about not in self.message else self.message

    @property
    def place(self) -> str:
        """``file:line:column``."""
        return f"{self.path}:{self.line}:{self.column}"


class Verdict(enum.StrEnum):
    """What the findings about one product folder come to."""

    CONFORMS = "conforms"
    DOES_NOT_CONFORM = "does not conform"
    NOT_EVALUATED = "not evaluated"
    """It could not be judged: the file cannot be opened, or there is no checklist to judge it by."""

    @property
    def plural(self) -> str:
        """For counts: ``3 do not conform``."""
        match self:
            case Verdict.CONFORMS:
                return "conform"
            case Verdict.DOES_NOT_CONFORM:
                return "do not"
            case Verdict.NOT_EVALUATED:
                return "could not be judged"

    @property
    def code(self) -> ExitCode:
        """The exit code of a command that found this and nothing worse."""
        match self:
            case Verdict.CONFORMS:
                return ExitCode.OK
            case Verdict.DOES_NOT_CONFORM:
                return ExitCode.NOT_CONFORMANT
            case Verdict.NOT_EVALUATED:
                return ExitCode.NOT_EVALUATED


@dataclasses.dataclass(frozen=True, kw_only=True)
class Report:
    """Everything that one set of rules has to say about one product folder."""

    folder: Path
    rules: str
    """The set of rules: `strict`, `upstream`, ..."""
    findings: tuple[Finding, ...]
    obstacle: str = ""
    """Why it could not be judged; empty where it was."""
    left_out: tuple[str, ...] = ()
    """What was not looked at, as sentences: the links of a check that was made offline, for instance."""

    @property
    def verdict(self) -> Verdict:
        """An error outweighs what could not be judged: it would be one whatever the rest turned out to be."""
        if any(one.severity is Severity.ERROR for one in self.findings):
            return Verdict.DOES_NOT_CONFORM
        return Verdict.NOT_EVALUATED if self.obstacle else Verdict.CONFORMS

    def count(self, severity: Severity) -> int:
        """How many findings have this severity."""
        return sum(one.severity is severity for one in self.findings)


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """In the order of the files, then of the place in them, the heaviest first where two share one; none twice."""
    unique = dict.fromkeys(findings)
    return tuple(
        sorted(unique, key=lambda one: (str(one.path), one.line, one.column, one.severity.rank, one.rule, one.message))
    )


def exit_code(reports: Iterable[Report]) -> ExitCode:
    """Of several folders: not conformant if any is, else not evaluated if any is."""
    verdicts = {one.verdict for one in reports}
    for verdict in (Verdict.DOES_NOT_CONFORM, Verdict.NOT_EVALUATED):
        if verdict in verdicts:
            return verdict.code
    return ExitCode.OK
