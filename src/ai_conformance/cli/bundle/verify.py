"""`ai-conformance bundle verify`: what was altered, added or removed, by path, and who vouches for the rest."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ai_conformance.cli.bundle import common
from ai_conformance.cli.bundle.common import PATH, BundleCommand
from ai_conformance.model.verdicts import ExitCode

if TYPE_CHECKING:
    from ai_conformance.evidence.bundle.signatures import Asked


@click.command(cls=BundleCommand)
@click.argument("bundle", type=PATH, metavar="BUNDLE|FOLDER")
@click.option(
    "--key",
    "key_files",
    type=PATH,
    multiple=True,
    metavar="PUBLIC.pem",
    help="A public key that has to have signed it; repeatable.",
)
@common.identity_options
def verify(
    bundle: Path,
    *,
    key_files: tuple[Path, ...],
    certificate_identity: str | None,
    certificate_oidc_issuer: str | None,
    trust_config: Path | None,
) -> int:
    """Tell whether a bundle, or the folder that it was unpacked into, is what was packed.

    Of a file every byte counts. Of a folder times, owners and modes do not. The artifacts are compared with the run's
    record too. Nothing is unpacked.

    An identity is verified here, without asking any service. Only the trusted root of the public Sigstore is fetched,
    and not even that with --trust-config.

    Exit codes: 0 nothing was altered, 1 something was, or one who was named has not signed, 2 usage, 3 it cannot be
    told.
    """
    from ai_conformance.evidence.bundle import verifying  # noqa: PLC0415 - `--help` needs none of it

    judge = common.judge(certificate_identity, certificate_oidc_issuer, trust_config)
    report = verifying.verify(bundle, asked=_asked(key_files), judge=judge)
    common.say(str(one) for one in report.findings)
    if report.code is not ExitCode.OK:
        what = "is not what was packed and signed" if report.code is ExitCode.NOT_CONFORMANT else "cannot be judged"
        common.say([f"{bundle} {what}: {common.counted(report.findings)}."])
        return report.code
    common.say([f"{bundle}: nothing was altered in {report.files} files, and the artifacts say what run.json says."])
    common.say(common.missing_evidence(report.missing_evidence))
    common.say(common.standing(report))
    return report.code


def _asked(files: tuple[Path, ...]) -> tuple[Asked, ...]:
    if not files:
        return ()
    from ai_conformance.evidence.bundle import keys, signatures  # noqa: PLC0415 - heavy, and only for --key

    return tuple(signatures.Asked(name=str(file), key=keys.public_file(file)) for file in files)
