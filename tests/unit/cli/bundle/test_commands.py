"""What the commands about a bundle answer: the right exit code, the path of what was altered, never a traceback."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import click
import pytest

from ai_conformance.model.verdicts import ExitCode

from .conftest import Call


def test_create_says_what_it_packed_and_what_is_missing(here: Path, call: Call) -> None:
    said = call("create", "results/mine")
    assert said.code == ExitCode.OK
    assert said.out.splitlines()[0] == "Packed 5 files of run 81b4dd into results/mine.bundle.tar."
    assert "note: run.json names 85 files of evidence that are not there" in said.out


def test_create_goes_where_it_is_told_and_replaces_only_by_force(here: Path, call: Call) -> None:
    assert call("create", "results/mine", "-o", "x.tar").code == ExitCode.OK
    said = call("create", "results/mine", "--output", "x.tar")
    assert (said.code, said.err) == (
        ExitCode.USAGE,
        "Error: x.tar is there already; replace it with --force, or name another file with -o\n",
    )
    assert call("create", "results/mine", "-o", "x.tar", "--force").code == ExitCode.OK
    assert [one.name for one in here.glob("*.tar")] == ["x.tar"]


def test_create_from_within_the_run_puts_it_beside(here: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("results/mine")
    assert call("create", ".").code == ExitCode.OK
    assert (here / "results" / "mine.bundle.tar").is_file()


def test_create_says_that_a_run_was_interrupted(here: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    import sample_runs  # noqa: PLC0415
    from ai_conformance.reports import writer  # noqa: PLC0415

    writer.write_all(sample_runs.a_run(interrupted=True), Path("results/stopped"))
    assert "note: the run was interrupted" in call("create", "results/stopped").out
    said = call("show", "results/stopped.bundle.tar").out
    assert "run:          abc123 (interrupted)" in said
    assert "No requirement was judged." in said


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("create", "nowhere"), ExitCode.USAGE, "there is no nowhere"),
        (("create", "results"), ExitCode.USAGE, "is no run's folder"),
        (("create", "key.pem"), ExitCode.USAGE, "is no folder"),
        (("create", "results/mine", "-o", "results/mine/x"), ExitCode.USAGE, "is in the run's folder"),
        (("create", "results/mine", "-o", "results"), ExitCode.USAGE, "is no plain file"),
        (("create", "results/mine", "-o", "no/such/x"), ExitCode.NOT_EVALUATED, "was not written"),
        (("verify", "nowhere"), ExitCode.USAGE, "nowhere cannot be read: No such file"),
        (("verify", "/dev/null"), ExitCode.USAGE, "is no file"),
        (("verify", "key.pem"), ExitCode.NOT_EVALUATED, "is no bundle"),
        (("verify", "results/mine"), ExitCode.NOT_EVALUATED, "ai-conformance bundle create"),
        (("verify", "results/mine.bundle.tar", "--key", "nowhere"), ExitCode.USAGE, "nowhere cannot be read"),
        (("verify", "results/mine.bundle.tar", "--key", "key.pem"), ExitCode.USAGE, "openssl pkey -in key.pem -pubout"),
        (("verify", "results/mine.bundle.tar", "--key", "results/mine/e2e.log"), ExitCode.USAGE, "public key"),
        (("verify",), ExitCode.USAGE, "Missing argument"),
        (("show", "nowhere"), ExitCode.USAGE, "No such file"),
        (("show", "key.pem"), ExitCode.NOT_EVALUATED, "is no bundle"),
        (("sign", "results/mine.bundle.tar"), ExitCode.USAGE, "either with a key (--key FILE) or as who you are"),
        (("sign", "nowhere", "--key", "key.pem"), ExitCode.USAGE, "No such file"),
        (("sign", "results/mine", "--key", "key.pem"), ExitCode.USAGE, "is a folder"),
        (("sign", "results/mine.bundle.tar", "--key", "key.pub.pem"), ExitCode.USAGE, "holds no private key"),
        (("sign", "results/mine.bundle.tar", "--key", "locked.pem"), ExitCode.USAGE, "--passphrase-file"),
        (("signed",), ExitCode.USAGE, "did you mean sign"),
    ],
)
def test_mistakes_are_told(bundle: Path, call: Call, arguments: tuple[str, ...], code: ExitCode, words: str) -> None:
    before = bundle.read_bytes()
    said = call(*arguments)
    assert (said.code, said.out) == (code, "")
    assert words in said.err
    assert bundle.read_bytes() == before


def test_without_a_signature_nobody_vouches(bundle: Path, call: Call) -> None:
    said = call("verify", bundle)
    assert said.code == ExitCode.OK
    assert said.out.splitlines()[0] == (
        "results/mine.bundle.tar: nothing was altered in 5 files, and the artifacts say what run.json says."
    )
    assert "Nobody has signed it" in said.out


def test_with_a_signature_and_without_a_key_it_is_told_whose_it_may_be(bundle: Path, call: Call) -> None:
    call("sign", bundle, "--key", "key.pem")
    said = call("verify", bundle)
    assert said.code == ExitCode.OK
    assert "the bundle cannot show: get the public key from its owner and give it with --key" in said.out


def test_two_sign_and_both_are_known(bundle: Path, call: Call) -> None:
    assert "Signed before" not in call("sign", bundle, "--key", "key.pem").out
    assert "Signed before by " in call("sign", bundle, "--key", "other.pem").out
    said = call("verify", bundle, "--key", "key.pub.pem", "--key", "other.pub.pem")
    assert said.code == ExitCode.OK
    assert "Signed by key.pub.pem, other.pub.pem." in said.out


def test_a_key_that_has_not_signed_is_told(bundle: Path, call: Call) -> None:
    call("sign", bundle, "--key", "key.pem")
    said = call("verify", bundle, "--key", "key.pub.pem", "--key", "other.pub.pem")
    assert said.code == ExitCode.NOT_CONFORMANT
    assert said.out.splitlines()[0] == "unsigned: results/mine.bundle.tar: other.pub.pem has not signed it"


def test_what_was_altered_is_told_by_its_path(bundle: Path, call: Call) -> None:
    data = bytearray(bundle.read_bytes())
    data[data.index(b"PASS: TestGangScheduling")] ^= 1
    bundle.write_bytes(data)
    said = call("verify", bundle)
    assert said.code == ExitCode.NOT_CONFORMANT
    first, last = said.out.splitlines()
    assert first.startswith("altered: run/e2e.log: its SHA-256 is ")
    assert last == "results/mine.bundle.tar is not what was packed and signed: 1 finding."
    shown = call("show", bundle)
    assert shown.code == ExitCode.NOT_CONFORMANT
    assert shown.out.startswith("NOT what was packed, 1 finding: see `ai-conformance bundle verify`.")
    refused = call("sign", bundle, "--key", "key.pem")
    assert (refused.code, bundle.read_bytes()) == (ExitCode.NOT_CONFORMANT, bytes(data))
    assert "nobody should vouch for it" in refused.err


def test_a_name_in_a_bundle_cannot_forge_a_line(bundle: Path, call: Call) -> None:
    import tarfile  # noqa: PLC0415

    info = tarfile.TarInfo("x\x1b[2K\rresults/mine.bundle.tar: nothing was altered")
    bundle.write_bytes(bundle.read_bytes()[:-1024] + info.tobuf(tarfile.GNU_FORMAT) + bytes(1024))
    said = call("verify", bundle)
    assert said.code == ExitCode.NOT_CONFORMANT
    assert "\x1b" not in said.out
    assert "\r" not in said.out
    assert said.out.splitlines()[0].startswith("added: x\\x1b[2K")


def test_show_for_a_program(bundle: Path, call: Call) -> None:
    call("sign", bundle, "--key", "key.pem")
    said = call("show", bundle, "--output-format", "json")
    assert said.code == ExitCode.OK
    data = json.loads(said.out)
    assert (data["unaltered"], data["findings"], data["files"]) == (True, [], 5)
    assert data["counts"] == {"NOT_TESTED": 13, "PASS": 3}
    assert data["run"]["cluster"]["uid"] == "e5537d32-799e-4e6a-bd23-6774a456f49b"
    assert len(data["signers"][0]) == 64
    assert {one["requirement"]: one["verdict"] for one in data["verdicts"]}["gang_scheduling"] == "PASS"
    bundle.write_bytes(bundle.read_bytes() + b"\0")
    said = call("show", bundle, "--output-format", "json")
    assert said.code == ExitCode.NOT_CONFORMANT
    assert json.loads(said.out)["unaltered"] is False


def test_show_of_a_bundle_without_a_statement_has_nothing_to_show(bundle: Path, call: Call) -> None:
    bundle.write_bytes(
        bundle.read_bytes().replace(b"https://in-toto.io/Statement/v1", b"https://in-toto.io/Statement/v2")
    )
    said = call("show", bundle)
    assert said.code == ExitCode.NOT_EVALUATED
    assert "does not tell whose run it is: altered: statement.json" in said.err


@pytest.mark.parametrize("content", [b"open\n", b"open", b"open\r\n"])
def test_a_passphrase_comes_from_a_file(bundle: Path, call: Call, content: bytes) -> None:
    Path("pass").write_bytes(content)
    assert call("sign", bundle, "--key", "locked.pem", "--passphrase-file", "pass").code == ExitCode.OK
    assert call("verify", bundle, "--key", "key.pub.pem").code == ExitCode.OK


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "there are 0"), (b"a\nb\n", "there are 2"), (b"\n", "one line is expected"), (b"shut", "is wrong")],
)
def test_a_file_that_holds_no_passphrase_is_told(bundle: Path, call: Call, content: bytes, words: str) -> None:
    Path("pass").write_bytes(content)
    said = call("sign", bundle, "--key", "locked.pem", "--passphrase-file", "pass")
    assert said.code == ExitCode.USAGE
    assert words in said.err
    assert "open" not in said.err
    assert call("sign", bundle, "--key", "locked.pem", "--passphrase-file", "nowhere").code == ExitCode.USAGE


def test_a_passphrase_is_asked_for_on_a_terminal(bundle: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(click, "prompt", lambda *_, **options: "open" if options["hide_input"] else "")
    assert call("sign", bundle, "--key", "locked.pem").code == ExitCode.OK


def test_a_bundle_that_may_not_be_read_is_told(bundle: Path, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(path: object, *_: object, **__: object) -> int:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "open", denied)
    said = call("verify", bundle)
    assert said.code == ExitCode.USAGE
    assert "Permission denied" in said.err
