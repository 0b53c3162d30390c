"""`ai-conformance bundle sign`: a signature under what a bundle says, beside those that are there."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ai_conformance.cli import failures
from ai_conformance.cli.bundle import common
from ai_conformance.cli.bundle.common import PATH, BundleCommand, say

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


@click.command(cls=BundleCommand)
@click.argument("bundle", type=PATH)
@click.option("--key", "key_file", type=PATH, metavar="FILE", help="A private ed25519 key in PEM.")
@click.option("--passphrase-file", type=PATH, metavar="FILE", help="Its passphrase; on a terminal it is asked for.")
@click.option("--sigstore", is_flag=True, help="Sign as who you are, without a key (extra `sigstore`).")
@click.option(
    "--identity-token",
    type=PATH,
    metavar="FILE",
    help="With --sigstore: who you are, as a token of OpenID Connect.  [default: that of the CI job]",
)
@common.trust_option
def sign(
    bundle: Path,
    *,
    key_file: Path | None,
    passphrase_file: Path | None,
    sigstore: bool,
    identity_token: Path | None,
    trust_config: Path | None,
) -> None:
    """Sign what BUNDLE says, in its file. Signatures of others stay; a bundle that was altered is not signed.

    \b
    openssl genpkey -algorithm ed25519 -out key.pem       make a key (-aes256 for one with a passphrase)
    openssl pkey -in key.pem -pubout -out public.pem      its public half, for those who verify

    With --sigstore your identity (an address, or the URL of a CI job's definition) and the digest of what was signed go
    into public logs, from which nothing is ever removed.
    """
    if sigstore == (key_file is not None):
        raise failures.usage("sign either with a key (--key FILE) or as who you are (--sigstore)")
    if sigstore:
        if passphrase_file is not None:
            raise failures.usage("--passphrase-file is for a key, and with --sigstore there is none")
        _as_identity(bundle, identity_token, trust_config)
    else:
        if identity_token is not None or trust_config is not None:
            raise failures.usage("--identity-token and --trust-config are for --sigstore")
        assert key_file is not None
        _with_key(bundle, key_file, passphrase_file)


def _as_identity(bundle: Path, identity_token: Path | None, trust_config: Path | None) -> None:
    from ai_conformance.evidence.bundle.keyless import extra  # noqa: PLC0415 - `--help` needs none of it

    extra.needed("--sigstore")
    from ai_conformance.evidence.bundle.keyless import identity, signing, trust  # noqa: PLC0415 - there with the extra

    token = identity.from_file(identity_token) if identity_token else identity.ambient()
    own = trust.given(trust_config) if trust_config else None
    made = signing.sign(bundle, token, trusted=lambda: own or trust.public())
    say([f"Signed {bundle} as {made.identity} ({made.issuer}), by way of Sigstore: {made.path}"])


def _with_key(bundle: Path, key_file: Path, passphrase_file: Path | None) -> None:
    from ai_conformance.evidence.bundle import keys, signing  # noqa: PLC0415 - `--help` needs none of it

    key = _key(key_file, passphrase_file)
    own = keys.identity(key.public_key())
    every = signing.sign(bundle, key)
    say([f"Signed {bundle} with the key {own}."])
    others = [one for one in every if one != own]
    if others:
        say([f"Signed before by {', '.join(others)}."])


def _key(key_file: Path, passphrase_file: Path | None) -> Ed25519PrivateKey:
    from ai_conformance.evidence.bundle import keys  # noqa: PLC0415 - as above

    try:
        return keys.private_file(key_file, passphrase=_passphrase(passphrase_file) if passphrase_file else None)
    except keys.PassphraseNeeded:
        if not sys.stdin.isatty():
            raise
    asked = click.prompt(f"Passphrase of {key_file}", hide_input=True, err=True)
    return keys.private_file(key_file, passphrase=str(asked).encode())


def _passphrase(file: Path) -> bytes:
    """The first line of a file, which is the whole of it."""
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise failures.usage(f"--passphrase-file {file} cannot be read: {error.strerror}") from error
    if len(lines) != 1 or not lines[0]:
        raise failures.usage(f"--passphrase-file {file}: one line is expected, and there are {len(lines)}")
    return lines[0]
