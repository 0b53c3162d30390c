"""Why a command about a bundle cannot go on. Light on purpose: the command line imports it to name the errors.

BundleError        the command line or what it names is wrong (exit code 2)
├── Refused        what was asked for would destroy or falsify something
├── Altered        it would build on a bundle that is not what was packed (exit code 1)
├── Unreachable    a service that is needed for it did not do its part (exit code 3)
└── Unreadable     it cannot be judged: no bundle, damaged beyond reading, beyond the limits (exit code 3)
"""

from __future__ import annotations

from ai_conformance.model.verdicts import ExitCode


class BundleError(Exception):
    """What happened, to which file, what to do next."""

    code = ExitCode.USAGE


class Refused(BundleError):  # noqa: N818 - named for what happened
    """It would overwrite what a person wrote, or pack what no bundle can hold."""


class Altered(BundleError):  # noqa: N818 - as above
    """It would add to a bundle that was changed."""

    code = ExitCode.NOT_CONFORMANT


class Unreadable(BundleError):  # noqa: N818 - as above
    """Nothing can be said about it."""

    code = ExitCode.NOT_EVALUATED


class Unreachable(BundleError):  # noqa: N818 - as above
    """A service of Sigstore did not answer, or answered something else."""

    code = ExitCode.NOT_EVALUATED
