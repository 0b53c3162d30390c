"""Credentials for a monitoring system outside of the cluster: from files, so that no list of processes shows them."""

from __future__ import annotations

import base64
from pathlib import Path

import click


def authorization(*, url: str | None, token_file: Path | None, basic_auth_file: Path | None) -> str:
    """The value of the Authorization header; empty where no file was given.

    A half-specified input is a usage error that says what is missing.
    """
    if token_file is None and basic_auth_file is None:
        return ""
    given = "--prometheus-token-file" if token_file is not None else "--prometheus-basic-auth-file"
    if url is None:
        raise click.UsageError(f"{given} goes with --prometheus-url, which was not given.")
    if token_file is not None and basic_auth_file is not None:
        raise click.UsageError("Give --prometheus-token-file or --prometheus-basic-auth-file, not both.")
    if token_file is not None:
        return f"Bearer {_line(token_file, given)}"
    assert basic_auth_file is not None
    pair = _line(basic_auth_file, given)
    if ":" not in pair:
        raise click.UsageError(f"{given} {basic_auth_file}: the first line has to be USER:PASSWORD.")
    return f"Basic {base64.b64encode(pair.encode()).decode()}"


def _line(path: Path, option: str) -> str:
    """The one line of a file."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(f"{option} {path}: the file cannot be read: {error}") from error
    filled = [line.strip() for line in lines if line.strip()]
    if len(filled) != 1:
        raise click.UsageError(f"{option} {path}: one line is expected, and there are {len(filled)}.")
    return filled[0]
