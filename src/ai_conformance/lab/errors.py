"""What a lab command reports to a person: what happened, to which object, and what to do next."""

from __future__ import annotations


class LabError(Exception):
    """The lab could not do what was asked. Commands print it without a traceback and exit with 3."""

    def __init__(self, what: str, *, remedy: str = "") -> None:
        super().__init__(what if not remedy else f"{what}\n{remedy}")
        self.what = what
        self.remedy = remedy


class LabUsageError(LabError):
    """The request itself makes no sense (an unknown version, a bad name). Commands exit with 2."""


class LabNotFoundError(LabError):
    """There is no lab of that name. Commands that only look exit with 1."""
