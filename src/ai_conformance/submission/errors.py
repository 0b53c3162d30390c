"""Why a command about a submission cannot go on. Light on purpose: the command line imports it to name the errors.

SubmissionError              the command line or a file that it names is wrong (exit code 2)
├── DocumentError            a YAML file has no usable tree (documents.errors)
├── FolderError              a path leaves its folder, is no file, cannot be read (folders)
├── Refused                  what was asked for would destroy or falsify something (making)
└── Unavailable              something that is needed cannot be had (exit code 3)
"""

from __future__ import annotations

from ai_conformance.model.verdicts import ExitCode


class SubmissionError(Exception):
    """What happened, to which file, what to do next."""

    code = ExitCode.USAGE


class Refused(SubmissionError):  # noqa: N818 - named for what happened
    """It would overwrite what a person wrote, or claim what was not shown."""


class Unavailable(SubmissionError):  # noqa: N818 - as above
    """The program's checklists, or another thing from elsewhere, cannot be had."""

    code = ExitCode.NOT_EVALUATED
