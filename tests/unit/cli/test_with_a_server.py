"""The commands against an API server that says what the test tells it to: refusals, gaps, what a killed run left."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

sys.path.insert(0, str(Path(__file__).parents[1] / "kube"))

from fake_api import FakeApi, listed, serving, status

from ai_conformance.engine.journal import Journal
from ai_conformance.kube.ledger import Entry, Ledger
from ai_conformance.model.verdicts import ExitCode

REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
DISCOVERY = {"kind": "APIGroupDiscoveryList", "items": []}


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[FakeApi]:
    """A cluster of two nodes without accelerators, on which everything is allowed."""
    folder = tmp_path / "api"
    folder.mkdir()
    async with serving(folder) as fake:
        fake.on("GET", "/version", {"gitVersion": "v1.37.2", "major": "1", "minor": "37"})
        fake.on("GET", "/api", DISCOVERY)
        fake.on("GET", "/apis", DISCOVERY)
        fake.on("GET", "/api/v1/nodes", listed(version=1))
        fake.on("GET", "/api/v1/pods", listed(version=1))
        fake.on("GET", "/api/v1/namespaces/kube-system", {"metadata": {"uid": "uid-of-the-cluster"}})
        fake.on("POST", REVIEWS, {"kind": "SelfSubjectAccessReview", "status": {"allowed": True}})
        yield fake


async def told(api: FakeApi, *arguments: str | Path, code: ExitCode) -> str:
    """What the command said, its standard error before its standard output."""
    command = [*map(str, arguments), "--kubeconfig", str(api.kubeconfig())]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "ai_conformance", *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    said, complained = (part.decode() for part in await process.communicate())
    assert "Traceback" not in complained
    assert process.returncode == code, complained
    return complained + said


@pytest.mark.parametrize("command", ["run", "plan"])
@pytest.mark.parametrize(("answer", "words"), [(401, "Log in again"), (403, "Ask for this permission")])
async def test_a_server_that_does_not_let_us_in_is_no_verdict(
    api: FakeApi, tmp_path: Path, command: str, answer: int, words: str
) -> None:
    api.on("GET", "/version", answer)
    output = ("--output", tmp_path / "out") if command == "run" else ()
    assert words in await told(api, command, *output, code=ExitCode.NOT_EVALUATED)
    assert not (tmp_path / "out").exists()


async def test_a_cluster_older_than_the_release_is_refused(api: FakeApi) -> None:
    api.on("GET", "/version", {"gitVersion": "v1.35.1", "major": "1", "minor": "35+"})
    assert "older than the release 1.37" in await told(api, "plan", "--release", "1.37", code=ExitCode.USAGE)


async def test_a_plan_names_the_verb_that_is_not_allowed(api: FakeApi) -> None:
    async def review(request: web.Request) -> web.StreamResponse:
        asked = (await request.json())["spec"]["resourceAttributes"]
        allowed = (asked["verb"], asked["resource"], asked["subresource"]) != ("create", "pods", "exec")
        return web.json_response({"kind": "SelfSubjectAccessReview", "status": {"allowed": allowed}})

    api.on("POST", REVIEWS, review)
    said = await told(api, "plan", code=ExitCode.NOT_EVALUATED)
    assert "MISSING: no permission to create pods/exec in the run's own namespaces" in said
    assert "CREATE, get" in said


async def test_a_plan_is_data_for_other_programs(api: FakeApi) -> None:
    said = await told(
        api,
        "plan",
        "--output-format",
        "json",
        "--run",
        "Secure|Gang",
        "--image-map",
        "probe=a/b:1",
        code=ExitCode.NOT_EVALUATED,
    )
    made: dict[str, Any] = json.loads(said)
    running = [one["id"] for one in made["requirements"] if one["action"] == "run"]
    assert (made["release"], made["serverVersion"], running) == (
        "1.37",
        "v1.37.2",
        ["gang_scheduling", "secure_accelerator_access"],
    )
    assert made["images"] == [{"name": "probe", "reference": "a/b:1"}]
    assert all(one["allowed"] for one in made["permissions"])
    (missing,) = made["missing"]
    assert "no accelerator can be used" in missing
    assert "needed by secure_accelerator_access" in missing, "gangs can be tried with CPU"
    assert api.count("POST", "/api/v1/namespaces") == 0


async def test_accelerators_are_not_missing_where_nothing_needs_them(api: FakeApi) -> None:
    said = await told(api, "plan", "--requirement", "gang_scheduling", code=ExitCode.OK)
    assert "MISSING" not in said


async def test_a_plan_without_permission_to_read_nodes_says_what_is_missing(api: FakeApi) -> None:
    api.on("GET", "/api/v1/nodes", 403)
    assert "the accelerators cannot be read" in await told(api, "plan", code=ExitCode.NOT_EVALUATED)


async def test_a_run_without_accelerators_is_blocked_and_leaves_its_whole_folder(api: FakeApi, tmp_path: Path) -> None:
    output = tmp_path / "out"
    said = await told(
        api, "run", "--requirement", "secure_accelerator_access", "--output", output, code=ExitCode.NOT_EVALUATED
    )
    assert "no accelerator can be used" in said
    found = {path.name for path in output.iterdir()}
    assert {"run.json", "journal.jsonl", "transcript.jsonl", "e2e.log", "junit.xml", "results.json"} <= found
    record = json.loads((output / "run.json").read_text())
    assert "--requirement=secure_accelerator_access" in record["command"]


def a_killed_run(folder: Path, *, cluster: str = "uid-of-the-cluster") -> Path:
    """The folder of a run that was killed when it had made a namespace."""
    folder.mkdir()
    started = {"event": "RunStarted", "run": "abc123", "cluster": cluster}
    (folder / "journal.jsonl").write_text(json.dumps(started) + "\n")
    entry = Entry(
        api_version="v1",
        kind="Namespace",
        plural="namespaces",
        namespaced=False,
        name="aic-x-abc123",
        namespace=None,
        run="abc123",
        actor="check/x",
    )
    ledger = Ledger(folder / "ledger.jsonl")
    ledger.record(entry)
    ledger.confirm(entry, uid="uid-1")
    ledger.close()
    return folder


async def test_clean_removes_by_uid_what_the_ledger_names(api: FakeApi, tmp_path: Path) -> None:
    folder = a_killed_run(tmp_path / "run")
    path = "/api/v1/namespaces/aic-x-abc123"
    api.on("DELETE", path, {"kind": "Status", "status": "Success"})
    said = await told(api, "clean", folder, "--yes", code=ExitCode.OK)
    assert "Namespace aic-x-abc123" in said
    sent = next(body for method, asked, _query, body in api.seen if (method, asked) == ("DELETE", path))
    assert sent["preconditions"] == {"uid": "uid-1"}
    assert "has left nothing" in await told(api, "clean", folder, "--yes", code=ExitCode.OK)


async def test_clean_says_what_it_could_not_remove(api: FakeApi, tmp_path: Path) -> None:
    folder = a_killed_run(tmp_path / "run")
    api.on("DELETE", "/api/v1/namespaces/aic-x-abc123", lambda _request: refused())
    said = await told(api, "clean", folder, "--yes", code=ExitCode.NOT_EVALUATED)
    assert "left: Namespace aic-x-abc123" in said


async def refused() -> web.Response:
    return status(403, reason="Forbidden")


async def test_clean_does_not_touch_another_cluster(api: FakeApi, tmp_path: Path) -> None:
    folder = a_killed_run(tmp_path / "run", cluster="uid-of-another")
    assert "is not the cluster" in await told(api, "clean", folder, "--yes", code=ExitCode.USAGE)
    assert api.count("DELETE", "/api/v1/namespaces/aic-x-abc123") == 0
    assert "aic-x-abc123" in (folder / "ledger.jsonl").read_text()


async def a_run_without_reports(api: FakeApi, output: Path) -> None:
    """A run whose only check has finished, killed before its reports were written."""
    await told(
        api, "run", "--requirement", "secure_accelerator_access", "--output", output, code=ExitCode.NOT_EVALUATED
    )
    for path in list(output.iterdir()):  # noqa: ASYNC240 - a test's own folder
        if path.name not in {"journal.jsonl", "transcript.jsonl", "ledger.jsonl"}:
            path.unlink()


async def test_a_run_is_taken_up_with_its_options_and_what_had_finished_is_kept(api: FakeApi, tmp_path: Path) -> None:
    output = tmp_path / "out"
    await a_run_without_reports(api, output)
    said = await told(api, "run", "--resume", output, code=ExitCode.NOT_EVALUATED)
    assert "Taken up again: 1 finished checks are kept" in said
    record = json.loads((output / "run.json").read_text())
    assert "--requirement=secure_accelerator_access" in record["command"]
    assert len(record["resumed_at"]) == 1
    lines = [json.loads(line) for line in (output / "journal.jsonl").read_text().splitlines()]
    names = [line["event"] for line in lines]
    assert names.count("CheckStarted") == 1
    assert names[-2:] == ["RunResumed", "RunFinished"]
    assert record["run_id"] == lines[0]["run"]


async def test_a_check_that_was_at_work_begins_anew_and_its_evidence_is_set_aside(api: FakeApi, tmp_path: Path) -> None:
    output = tmp_path / "out"
    await a_run_without_reports(api, output)
    journal = output / "journal.jsonl"
    lines = journal.read_text().splitlines(keepends=True)
    journal.write_text("".join(line for line in lines if "CheckFinished" not in line and "RunFinished" not in line))
    half = output / "evidence" / "secure_accelerator_access" / "Case"
    half.mkdir(parents=True)
    (half / "pod.log").write_text("half")
    said = await told(api, "run", "--resume", output, code=ExitCode.NOT_EVALUATED)
    assert "0 finished checks are kept" in said
    assert (output / "abandoned" / "1" / "secure_accelerator_access" / "Case" / "pod.log").read_text() == "half"
    assert not half.exists()
    record = json.loads((output / "run.json").read_text())
    assert "no accelerator can be used" in next(
        one["reason"] for one in record["checks"] if one["requirement"] == "secure_accelerator_access"
    )


async def test_what_the_killed_run_left_is_removed_before_it_goes_on(api: FakeApi, tmp_path: Path) -> None:
    output = tmp_path / "out"
    await a_run_without_reports(api, output)
    left = a_killed_run(tmp_path / "other")
    (left / "ledger.jsonl").rename(output / "ledger.jsonl")
    path = "/api/v1/namespaces/aic-x-abc123"
    api.on("DELETE", path, lambda _request: refused())
    said = await told(api, "run", "--resume", output, code=ExitCode.NOT_EVALUATED)
    assert "1 objects of the run" in said
    assert not (output / "run.json").exists()
    api.on("DELETE", path, {"kind": "Status", "status": "Success"})
    await told(api, "run", "--resume", output, code=ExitCode.NOT_EVALUATED)
    assert (output / "run.json").exists()


async def test_a_run_is_taken_up_on_its_own_cluster_alone(api: FakeApi, tmp_path: Path) -> None:
    output = tmp_path / "out"
    await a_run_without_reports(api, output)
    journal = output / "journal.jsonl"
    journal.write_text(journal.read_text().replace("uid-of-the-cluster", "uid-of-another"))
    assert "another cluster" in await told(api, "run", "--resume", output, code=ExitCode.USAGE)


async def test_another_option_than_the_run_had_is_refused(api: FakeApi, tmp_path: Path) -> None:
    output = tmp_path / "out"
    await a_run_without_reports(api, output)
    said = await told(api, "run", "--resume", output, "--profile", "lab", code=ExitCode.USAGE)
    assert "leave out --profile" in said


async def test_a_run_that_has_ended_is_not_taken_up(api: FakeApi, tmp_path: Path) -> None:
    output = tmp_path / "out"
    await told(
        api, "run", "--requirement", "secure_accelerator_access", "--output", output, code=ExitCode.NOT_EVALUATED
    )
    assert "has ended" in await told(api, "run", "--resume", output, code=ExitCode.USAGE)


async def test_a_run_that_goes_on_is_neither_taken_up_nor_cleaned(api: FakeApi, tmp_path: Path) -> None:
    output = tmp_path / "out"
    await a_run_without_reports(api, output)
    live = Journal(output / "journal.jsonl")
    try:
        for command in (["run", "--resume", output], ["clean", output, "--yes"]):
            assert "goes on" in await told(api, *command, code=ExitCode.USAGE)
    finally:
        live.close()
