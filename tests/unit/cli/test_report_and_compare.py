"""`report` and `compare` as a user calls them: what is printed, what is written, which exit code, which message."""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner

from ai_conformance.cli.compare import compare
from ai_conformance.cli.main import main
from ai_conformance.cli.report import report
from ai_conformance.model.records import RunRecord
from ai_conformance.model.verdicts import ExitCode, Verdict
from ai_conformance.reports import formats, run_folder, run_json
from sample_runs import a_check, a_run, hostile_run
from samples import RUN


@dataclasses.dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: bytes
    err: str


Call = Callable[..., Said]


@pytest.fixture
def call(capfdbinary: pytest.CaptureFixture[bytes]) -> Call:
    def calling(*arguments: str | Path) -> Said:
        with pytest.raises(SystemExit) as ended:
            main([str(one) for one in arguments])
        written = capfdbinary.readouterr()
        said = Said(int(ended.value.code or 0), written.out, written.err.decode())
        assert said.code != ExitCode.BUG, said.err
        assert "Traceback" not in said.err
        return said

    return calling


def kept(folder: Path, run: RunRecord) -> Path:
    folder.mkdir()
    (folder / "run.json").write_text(run_json.run_text(run))
    return folder


@pytest.mark.parametrize(
    ("name", "file"), [("gotest", "e2e.log"), ("results", "results.json"), ("junit", "junit.xml"), ("json", "run.json")]
)
def test_a_format_is_what_the_run_itself_left(call: Call, name: str, file: str) -> None:
    said = call("report", "--format", name, RUN)
    assert (said.code, said.err) == (ExitCode.OK, "")
    assert said.out == (RUN / file).read_bytes()


@pytest.mark.parametrize("name", formats.FORMATS)
def test_a_file_gets_what_would_be_printed(call: Call, tmp_path: Path, name: str) -> None:
    folder = kept(tmp_path / "run", hostile_run())
    printed = call("report", folder, "--format", name)
    target = tmp_path / "out"
    written = call("report", folder, "--format", name, "-o", target)
    assert (written.code, written.out, written.err) == (ExitCode.OK, b"", "")
    assert target.read_bytes() == printed.out


def test_a_file_that_is_there_stays_unless_it_is_to_be_replaced(call: Call, tmp_path: Path) -> None:
    target = tmp_path / "report.md"
    target.write_text("mine")
    said = call("report", "--format", "markdown", RUN, "-o", target)
    assert said.code == ExitCode.USAGE
    assert f"Error: {target} is there already" in said.err
    assert "--force" in said.err
    assert target.read_text() == "mine"
    assert call("report", "--format", "markdown", RUN, "-o", target, "--force").code == ExitCode.OK
    assert target.read_text().startswith("# Kubernetes AI Conformance")


def test_the_record_of_the_run_is_not_replaced_even_by_force(call: Call, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(RUN, folder)
    said = call("report", "--format", "markdown", folder, "-o", folder / ".." / "run" / "run.json", "--force")
    assert said.code == ExitCode.USAGE
    assert "the record of the run itself" in said.err
    assert (folder / "run.json").read_bytes() == (RUN / "run.json").read_bytes()


def test_a_folder_that_is_not_there_is_named(call: Call, tmp_path: Path) -> None:
    said = call("report", "--format", "junit", RUN, "-o", tmp_path / "none" / "junit.xml")
    assert said.code == ExitCode.USAGE
    assert said.err == f"Error: there is no folder {tmp_path}/none; make it, or choose another file with -o.\n"


def test_a_full_disk_is_no_mistake_of_the_command_line(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    said = call("report", "--format", "junit", RUN, "-o", tmp_path / "junit.xml")
    assert said.code == ExitCode.NOT_EVALUATED
    assert "no space left on device; free some space" in said.err
    assert list(tmp_path.iterdir()) == []


def test_the_schema_is_printed_and_describes_what_is_printed(call: Call) -> None:
    schema = json.loads(call("report", "--schema").out)
    jsonschema.Draft202012Validator(schema).validate(json.loads(call("report", "--format", "json", RUN).out))


def test_the_schema_can_be_written_to_a_file(call: Call, tmp_path: Path) -> None:
    assert call("report", "--schema", "-o", tmp_path / "run.schema.json").code == ExitCode.OK
    assert json.loads((tmp_path / "run.schema.json").read_text()) == run_json.schema()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("report",), "ai-conformance report --format junit RUN"),
        (("report", "--format", "junit"), "name a run's folder"),
        (("report", RUN), "name a run's folder and a format (markdown,"),
        (("report", "--format", "pdf", RUN), "'pdf' is not one of"),
        (("report", "--schema", RUN), "--schema takes neither"),
        (("report", "--format", "json", RUN, "more"), "unexpected extra argument"),
        (("compare", RUN), "Missing argument 'B'"),
        (("compare", RUN, RUN, "--output-format", "xml"), "'xml' is not one of"),
    ],
)
def test_a_wrong_command_line_says_what_is_right(call: Call, arguments: tuple[str | Path, ...], words: str) -> None:
    said = call(*arguments)
    assert (said.code, said.out) == (ExitCode.USAGE, b"")
    assert words in said.err


def damaged(folder: Path, *, version: int) -> Path:
    kept(folder, hostile_run())
    content = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(content | {"schema_version": version}))
    return folder


@pytest.mark.parametrize("command", [("report", "--format", "junit"), ("compare", RUN)])
def test_a_record_of_another_version_is_refused_with_what_to_do(
    call: Call, tmp_path: Path, command: tuple[str | Path, ...]
) -> None:
    said = call(*command, damaged(tmp_path / "run", version=7))
    assert (said.code, said.out) == (ExitCode.USAGE, b"")
    assert "schema_version 7; this version of the tool reads 1" in said.err
    assert "Read it with the version of the tool that wrote it" in said.err


@pytest.mark.parametrize("command", [("report", "--format", "junit"), ("compare", RUN)])
def test_a_folder_that_is_no_run_is_named(call: Call, tmp_path: Path, command: tuple[str | Path, ...]) -> None:
    said = call(*command, tmp_path)
    assert said.code == ExitCode.USAGE
    assert said.err == (
        f"Error: there is no {tmp_path}/run.json; name the folder that `ai-conformance run --output` wrote.\n"
    )


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        (Verdict.PASS, Verdict.PASS, ExitCode.OK),
        (Verdict.FAIL, Verdict.PASS, ExitCode.OK),
        (Verdict.PASS, Verdict.FAIL, ExitCode.NOT_CONFORMANT),
        (Verdict.PASS, Verdict.SKIPPED, ExitCode.NOT_EVALUATED),
    ],
)
def test_the_exit_code_says_whether_anything_got_worse(
    call: Call, tmp_path: Path, before: Verdict, after: Verdict, code: ExitCode
) -> None:
    one = kept(tmp_path / "a", a_run(a_check(verdict=before)))
    other = kept(tmp_path / "b", a_run(a_check(verdict=after)))
    for output in ("text", "json", "markdown"):
        said = call("compare", one, other, "--output-format", output)
        assert (said.code, said.err) == (code, "")
        assert said.out
    assert json.loads(call("compare", one, other, "--output-format", "json").out)["exit_code"] == code


def test_a_real_run_is_no_worse_than_itself(call: Call) -> None:
    said = call("compare", RUN, RUN)
    assert said.code == ExitCode.OK
    assert said.out.endswith(b"MUSTs satisfied: 2 of 8 before, 2 of 8 now.\nNothing got worse.\n")


@pytest.mark.parametrize("command", [report, compare])
def test_the_help_names_the_exit_codes(command: object) -> None:
    shown = CliRunner().invoke(command, ["--help"])  # type: ignore[arg-type]
    assert "Exit codes: 0" in shown.output


def test_the_help_lists_every_format_and_imports_no_writer() -> None:
    code = (
        "import sys; from ai_conformance.cli.report import report\n"
        "report.main(['--help'], standalone_mode=False)\n"
        "print([name for name in sys.modules if name.split('.')[0] in "
        "('pydantic', 'junitparser', 'aiohttp', 'fluidattacks_core', 'ruamel')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert all(f"\n  {name} " in done.stdout for name in formats.FORMATS)
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_output_that_cannot_be_written_is_no_verdict() -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "ai_conformance", "compare", str(RUN), str(RUN)],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )
    assert done.returncode == ExitCode.NOT_EVALUATED
    assert done.stderr == "Error: the output cannot be written: No space left on device.\n"


def test_a_run_can_be_named_by_its_record(call: Call) -> None:
    assert call("report", "--format", "json", RUN / "run.json").out == call("report", "--format", "json", RUN).out
    assert run_folder.record_file(RUN / "run.json") == RUN / "run.json"
