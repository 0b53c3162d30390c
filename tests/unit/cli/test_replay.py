"""A run against an API server of the test's own, told again from its folder: the same verdicts, and tampering shows."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from called import told
from click.testing import CliRunner
from fake_api import FakeApi

from ai_conformance.cli import failures
from ai_conformance.cli.main import cli
from ai_conformance.evidence.bundle import making
from ai_conformance.model.verdicts import ExitCode

ONLY = ("run", "--requirement", "secure_accelerator_access")
Line = dict[str, Any]


@pytest.fixture
async def blocked(api: FakeApi, tmp_path: Path) -> Path:
    """The folder of a run that was BLOCKED, for want of accelerators."""
    output = tmp_path / "out"
    await told(api, *ONLY, "--output", output, code=ExitCode.NOT_EVALUATED)
    return output


async def replayed(path: Path, *arguments: str) -> tuple[int, str]:
    """Exit code and what was said; in a thread, because a replay has an event loop of its own."""
    return await asyncio.to_thread(_replayed, path, *arguments)


def _replayed(path: Path, *arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, ["replay", str(path), *arguments], standalone_mode=False)
    if isinstance(done.exception, failures.Failure):
        return int(done.exception.code), done.output + str(done.exception)
    if done.exception is not None:
        raise done.exception
    return int(done.return_value), done.output


def rewrite(folder: Path, change: Callable[[Line], Line | None], *, name: str = "recording.jsonl") -> None:
    """Change the lines of a file, or leave them out."""
    file = folder / name
    lines = [change(json.loads(line)) for line in file.read_text().splitlines()]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines if line is not None))


async def test_a_run_has_the_same_verdicts_again(blocked: Path) -> None:
    code, said = await replayed(blocked)
    assert code == ExitCode.OK, said
    assert "secure_accelerator_access  BLOCKED         BLOCKED" in said
    assert "verdicts are the same." in said


async def test_a_bundle_is_verified_and_then_replayed(blocked: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "run.bundle.tar"
    making.create(blocked, bundle, replace=False)
    assert (await replayed(bundle))[0] == ExitCode.OK
    shutil.unpack_archive(bundle, tmp_path / "unpacked", "tar", filter="data")
    assert (await replayed(tmp_path / "unpacked"))[0] == ExitCode.OK
    raw = bytearray(bundle.read_bytes())
    raw[raw.index(b'"verdict": "BLOCKED"') + 12 : raw.index(b'"verdict": "BLOCKED"') + 19] = b'PASS",  '
    bundle.write_bytes(raw)
    code, said = await replayed(bundle)
    assert code == ExitCode.NOT_CONFORMANT
    assert "altered: " in said
    assert "It is not replayed" in said


async def test_a_verdict_that_was_changed_shows(blocked: Path) -> None:
    record = json.loads((blocked / "run.json").read_text())
    for check in record["checks"]:
        if check["requirement"] == "secure_accelerator_access":
            check["verdict"] = "PASS"
    (blocked / "run.json").write_text(json.dumps(record))
    code, said = await replayed(blocked)
    assert code == ExitCode.NOT_CONFORMANT
    assert "secure_accelerator_access  PASS            BLOCKED         DIFFERS" in said


async def test_the_verdict_of_a_case_that_was_changed_shows(blocked: Path) -> None:
    record = json.loads((blocked / "run.json").read_text())
    (check,) = (one for one in record["checks"] if one["requirement"] == "secure_accelerator_access")
    added = {"name": "PositiveAccessTest", "variant": "n1", "kind": "positive", "verdict": "PASS", "reason": "it does"}
    more = {"expected": "it does", "observed": [], "started_at": check["started_at"], "duration_s": 1.0}
    check["cases"].append({**added, **more, "evidence": [], "log": []})
    (blocked / "run.json").write_text(json.dumps(record))
    code, said = await replayed(blocked)
    assert code == ExitCode.NOT_CONFORMANT
    assert "PositiveAccessTest/n1: recorded PASS, recomputed nothing" in said


async def test_an_observation_that_was_changed_shows(blocked: Path) -> None:
    def change(line: Line) -> Line:
        if line.get("path") != "/api/v1/nodes":
            return line
        trouble = {"kind": "ServerError", "message": "down", "status": 500}
        return {**{key: value for key, value in line.items() if key != "answer"}, "trouble": trouble}

    def only_the_second(line: Line) -> Line:
        return change(line) if line.get("call") == second else line

    lines = [json.loads(line) for line in (blocked / "recording.jsonl").read_text().splitlines()]
    second = [one["call"] for one in lines if one.get("path") == "/api/v1/nodes"][1]
    rewrite(blocked, only_the_second)
    code, said = await replayed(blocked)
    assert code == ExitCode.NOT_CONFORMANT
    assert "secure_accelerator_access  BLOCKED         ERROR           DIFFERS" in said


async def test_an_answer_that_was_left_out_is_named(blocked: Path) -> None:
    lines = [json.loads(line) for line in (blocked / "recording.jsonl").read_text().splitlines()]
    of_the_check = [one["call"] for one in lines if one.get("path") == "/api/v1/nodes"][1]
    rewrite(blocked, lambda line: None if line.get("call") == of_the_check else line)
    code, said = await replayed(blocked)
    assert code == ExitCode.NOT_EVALUATED
    assert "cannot be replayed: the recording has no answer to GET /api/v1/nodes" in said


async def test_a_part_that_was_changed_by_halves_shows(blocked: Path) -> None:
    text = (blocked / "recording.jsonl").read_text().splitlines()
    text.insert(1, '{"part":"0123456789abcdef01234567","value":{"a":1}}')
    (blocked / "recording.jsonl").write_text("\n".join(text))
    code, said = await replayed(blocked)
    assert code == ExitCode.NOT_CONFORMANT
    assert "recording.jsonl is not what was recorded: line 2" in said


async def test_a_run_without_a_recording_is_named_as_such(blocked: Path) -> None:
    (blocked / "recording.jsonl").unlink()
    code, said = await replayed(blocked)
    assert code == ExitCode.NOT_EVALUATED
    assert "cannot be replayed: there is no recording of it" in said


async def test_a_check_that_was_struck_from_the_record_shows(blocked: Path) -> None:
    record = json.loads((blocked / "run.json").read_text())
    record["checks"] = [one for one in record["checks"] if one["requirement"] != "secure_accelerator_access"]
    (blocked / "run.json").write_text(json.dumps(record))
    code, said = await replayed(blocked)
    assert code == ExitCode.NOT_CONFORMANT
    assert "secure_accelerator_access  -               BLOCKED" in said


async def test_a_program_reads_the_same(blocked: Path) -> None:
    code, said = await replayed(blocked, "--output-format", "json")
    told_so = json.loads(said)
    assert (code, told_so["same"], told_so["exit_code"]) == (0, True, 0)
    (check,) = told_so["checks"]
    assert (check["recorded"], check["recomputed"], check["trouble"]) == ("BLOCKED", "BLOCKED", "")


@pytest.mark.parametrize("name", ["nothing", "empty"])
async def test_what_is_no_run_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    assert (await replayed(tmp_path / name))[0] == ExitCode.USAGE


async def test_rules_of_the_users_own_do_not_keep_a_run_from_being_replayed(api: FakeApi, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("rules: [{name: secret-place, pattern: 'accelerator can be|uid-of-[a-z-]+|kube-system'}]")
    output = tmp_path / "out"
    await told(api, *ONLY, "--output", output, "--redact-file", rules, code=ExitCode.NOT_EVALUATED)
    text = (output / "recording.jsonl").read_text()
    assert "uid-of-the-cluster" not in text
    assert "kube-system" not in text
    rules.unlink()
    assert (await replayed(output))[0] == ExitCode.OK
