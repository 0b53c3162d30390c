"""The commands against an API server that says what the test tells it to: refusals, gaps, other versions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from called import REVIEWS, told
from fake_api import FakeApi

from ai_conformance.model.verdicts import ExitCode


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
    assert "secure_accelerator_access-elsewhere  privileged" in said


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
    levels = {one["id"]: [each["podSecurity"] for each in one["relaxedNamespaces"]] for one in made["requirements"]}
    assert levels["secure_accelerator_access"] == ["baseline", "privileged"]
    assert levels["gang_scheduling"] == []
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


async def test_a_users_own_rules_cut_what_a_run_records_and_not_what_it_is_known_by(
    api: FakeApi, tmp_path: Path
) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("rules: [{name: secret-place, pattern: 'accelerator can be|uid-of-[a-z-]+|kube-system'}]")
    output = tmp_path / "out"
    one = ("run", "--requirement", "secure_accelerator_access", "--output", output, "--redact-file", rules)
    await told(api, *one, code=ExitCode.NOT_EVALUATED)
    record = json.loads((output / "run.json").read_text())
    said = next(one["reason"] for one in record["checks"] if one["requirement"] == "secure_accelerator_access")
    assert "no [redacted: secret-place] used" in said
    assert record["redacted"]["secret-place"] > 0
    for name in ("run.json", "e2e.log", "report.html", "transcript.jsonl"):
        assert "uid-of-the-cluster" not in (output / name).read_text()
    assert "kube-system" not in (output / "transcript.jsonl").read_text()
    lines = [json.loads(line) for line in (output / "journal.jsonl").read_text().splitlines()]
    assert lines[0]["cluster"] == "uid-of-the-cluster"
    assert "no [redacted: secret-place] used" in next(
        one["record"]["reason"] for one in lines if one["event"] == "CheckFinished"
    )


async def test_a_rule_that_would_cut_the_names_of_tests_is_refused(api: FakeApi, tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text("rules: [{name: all, pattern: '[a-z]+'}]")
    said = await told(api, "run", "--redact-file", rules, "--output", tmp_path / "out", code=ExitCode.USAGE)
    assert "by which a run is read" in said
