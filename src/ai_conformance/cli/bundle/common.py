"""What the commands about a bundle share: errors as messages, and how findings are printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ai_conformance.cli import failures
from ai_conformance.evidence.bundle.errors import BundleError
from ai_conformance.reports import escaping

if TYPE_CHECKING:
    from ai_conformance.evidence.bundle.keyless.judging import Judge
    from ai_conformance.evidence.bundle.verifying import Report

PATH = click.Path(path_type=Path)

format_option = click.option(
    "--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="How to print it."
)


trust_option = click.option(
    "--trust-config",
    type=PATH,
    metavar="FILE",
    help="A Sigstore of your own instead of the public one: its ClientTrustConfig, in JSON.",
)


def identity_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that name an identity which has to have signed, and whom to believe that it has."""
    for option in (
        trust_option,
        click.option("--certificate-oidc-issuer", metavar="URL", help="Who has to have vouched for that identity."),
        click.option(
            "--certificate-identity",
            metavar="NAME",
            help="An address or URL that has to have signed it by way of Sigstore (extra `sigstore`).",
        ),
    ):
        command = option(command)
    return command


class BundleCommand(click.Command):
    """A command that turns what the room reports into one message and its exit code."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BundleError as error:
            # Paths in it are somebody else's.
            raise failures.Failure(escaping.one_line(str(error)), code=error.code) from error


def say(lines: Iterable[str]) -> None:
    """Print lines, of which none can move the cursor or hide another."""
    for line in lines:
        click.echo(escaping.escape(line))


def counted(findings: Sequence[object]) -> str:
    """How many findings there are."""
    return f"{len(findings)} finding{'' if len(findings) == 1 else 's'}"


def missing_evidence(paths: tuple[str, ...]) -> list[str]:
    """What to say of evidence that the record names and the run's folder did not hold; nothing where there is none."""
    if not paths:
        return []
    return [f"note: run.json names {len(paths)} files of evidence that are not there, {paths[0]} for one"]


def standing(report: Report) -> Iterator[str]:
    """Who vouches for a bundle, in a sentence or a few."""
    claims = [one for one in report.claims if not one.verified]
    if report.vouched:
        yield f"Signed by {', '.join(report.vouched)}."
    elif report.signers:
        yield (
            f"Signed by {', '.join(report.signers)}. Whose {'key' if len(report.signers) == 1 else 'keys'} that is, "
            "the bundle cannot show: get the public key from its owner and give it with --key."
        )
    elif not claims:
        yield (
            "Nobody has signed it: the digests show that it is as it was packed, and nobody vouches for who packed it."
        )
    for one in claims:
        who = f"{one.identity} ({one.issuer or 'no issuer'})"
        yield (
            f"A Sigstore signature claims to be of {who}, which was not verified: name who has to have signed with "
            "--certificate-identity and --certificate-oidc-issuer."
        )


def judge(identity: str | None, issuer: str | None, trust_config: Path | None) -> Judge | None:
    """What has to decide about an identity; None where the user names none. Raises BundleError."""
    if identity is None and issuer is None:
        if trust_config is not None:
            raise failures.usage("--trust-config says whom to believe, and there is no --certificate-identity to judge")
        return None
    if not identity or not issuer:
        raise failures.usage(
            "--certificate-identity and --certificate-oidc-issuer belong together: a name alone is another one's "
            "elsewhere"
        )
    from ai_conformance.evidence.bundle.keyless import extra  # noqa: PLC0415 - `--help` needs none of it

    extra.needed("--certificate-identity")
    from ai_conformance.evidence.bundle.keyless import judging, trust  # noqa: PLC0415 - only there with the extra

    own = trust.given(trust_config) if trust_config else None
    return judging.Judge(identity=identity, issuer=issuer, trusted=lambda: own or trust.public())
