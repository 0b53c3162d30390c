"""Credentials for a monitoring system come from files, and half of an input is refused with what is missing."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from ai_conformance.cli.credentials import authorization

URL = "https://metrics.example.com"


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text("user:pass word\n", encoding="utf-8")
    return path


def test_without_a_file_there_is_no_header() -> None:
    assert authorization(url=URL, token_file=None, basic_auth_file=None) == ""


def test_a_token_becomes_a_bearer_header(secret: Path) -> None:
    assert authorization(url=URL, token_file=secret, basic_auth_file=None) == "Bearer user:pass word"


def test_a_pair_becomes_basic_authentication(secret: Path) -> None:
    assert authorization(url=URL, token_file=None, basic_auth_file=secret) == "Basic dXNlcjpwYXNzIHdvcmQ="


def test_a_file_without_an_address_is_refused(secret: Path) -> None:
    with pytest.raises(click.UsageError, match="goes with --prometheus-url"):
        authorization(url=None, token_file=secret, basic_auth_file=None)


def test_two_kinds_at_once_are_refused(secret: Path) -> None:
    with pytest.raises(click.UsageError, match="not both"):
        authorization(url=URL, token_file=secret, basic_auth_file=secret)


@pytest.mark.parametrize("text", ["", "a\nb\n"])
def test_a_file_has_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secret"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(click.UsageError, match="one line is expected"):
        authorization(url=URL, token_file=path, basic_auth_file=None)


def test_a_pair_without_a_colon_is_refused_and_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("hunter2", encoding="utf-8")
    with pytest.raises(click.UsageError, match="USER:PASSWORD") as refusal:
        authorization(url=URL, token_file=None, basic_auth_file=path)
    assert "hunter2" not in refusal.value.message
