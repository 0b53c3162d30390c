"""What a killed run has left: removed by its ledger or by its label, or taken up again; never another's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from called import DISCOVERY, told
from fake_api import FakeApi, listed, status

from ai_conformance.engine.journal import Journal
from ai_conformance.kube.ledger import Entry, Ledger
from ai_conformance.model.verdicts import ExitCode


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


async def test_credentials_for_images_are_given_anew_as_they_are_not_written_down(api: FakeApi, tmp_path: Path) -> None:
    output = tmp_path / "out"
    await a_run_without_reports(api, output)
    wrong = tmp_path / "config.json"
    wrong.write_text("{}")
    again = ("run", "--resume", output, "--image-pull-secret", wrong)
    assert f"{wrong}: it has no auths" in await told(api, *again, code=ExitCode.USAGE)
    wrong.write_text(json.dumps({"auths": {"registry.k8s.io": {"auth": "eDp5"}}}))
    assert "1 finished checks are kept" in await told(api, *again, code=ExitCode.NOT_EVALUATED)


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


NAMESPACES = {
    "metadata": {"name": ""},
    "versions": [
        {
            "version": "v1",
            "resources": [
                {"resource": "namespaces", "responseKind": {"kind": "Namespace"}, "scope": "Cluster"},
                {"resource": "pods", "responseKind": {"kind": "Pod"}, "scope": "Namespaced"},
            ],
        }
    ],
}


def left_over(name: str, *, run: str, namespace: str | None = None) -> dict[str, Any]:
    """An object of a run as a list has it."""
    metadata = {
        "name": name,
        "uid": f"uid-of-{name}",
        "labels": {"ai-conformance.dev/run": run},
        "creationTimestamp": "2026-02-03T04:05:06Z",
        "resourceVersion": "1",
    }
    return {"metadata": metadata | ({"namespace": namespace} if namespace else {})}


@pytest.fixture
def littered(api: FakeApi) -> FakeApi:
    """A cluster with a pod of one run and namespaces of two."""
    api.on("GET", "/api", {**DISCOVERY, "items": [NAMESPACES]})
    rooms = [left_over("aic-x-one", run="one"), left_over("aic-x-two", run="two")]
    api.on("GET", "/api/v1/namespaces", {"metadata": {"resourceVersion": "1"}, "items": rooms})
    pods = [left_over("probe", run="one", namespace="aic-x-one")]
    api.on("GET", "/api/v1/pods", {"metadata": {"resourceVersion": "1"}, "items": pods})
    for path in ("namespaces/aic-x-one", "namespaces/aic-x-two", "namespaces/aic-x-one/pods/probe"):
        api.on("DELETE", f"/api/v1/{path}", {"kind": "Status", "status": "Success"})
    return api


def deleted(api: FakeApi) -> list[tuple[str, str]]:
    """(path, UID) of what was asked to go."""
    return [(path, body["preconditions"]["uid"]) for method, path, _query, body in api.seen if method == "DELETE"]


async def test_runs_without_a_folder_are_found_by_label_and_removed_by_uid(littered: FakeApi) -> None:
    said = await told(littered, "clean", "--all-runs", "--yes", code=ExitCode.OK)
    assert "Run one, the last of it made at 2026-02-03 04:05:06 UTC:" in said
    assert "  Pod aic-x-one/probe" in said
    assert "All of it is gone." in said
    assert sorted(deleted(littered)) == [
        ("/api/v1/namespaces/aic-x-one", "uid-of-aic-x-one"),
        ("/api/v1/namespaces/aic-x-one/pods/probe", "uid-of-probe"),
        ("/api/v1/namespaces/aic-x-two", "uid-of-aic-x-two"),
    ]


async def test_of_several_runs_one_is_chosen(littered: FakeApi) -> None:
    said = await told(littered, "clean", "--all-runs", "--run-id", "two", "--yes", code=ExitCode.OK)
    assert "Run one" not in said
    assert deleted(littered) == [("/api/v1/namespaces/aic-x-two", "uid-of-aic-x-two")]


async def test_nothing_is_removed_unasked(littered: FakeApi) -> None:
    said = await told(littered, "clean", "--all-runs", code=ExitCode.USAGE)
    assert "nobody is here to ask; give --yes" in said
    assert "Pod aic-x-one/probe" in said
    assert deleted(littered) == []


async def test_where_could_not_be_looked_is_said_and_keeps_from_an_all_clear(littered: FakeApi) -> None:
    littered.on("GET", "/api/v1/pods", lambda _request: refused())
    said = await told(littered, "clean", "--all-runs", "--yes", code=ExitCode.NOT_EVALUATED)
    assert "Warning: pods could not be looked through" in said


async def test_a_clean_cluster_is_said_to_be_one(api: FakeApi) -> None:
    api.on("GET", "/api", {**DISCOVERY, "items": [NAMESPACES]})
    api.on("GET", "/api/v1/namespaces", listed(version=1))
    assert "Nothing of any run was found" in await told(api, "clean", "--all-runs", code=ExitCode.OK)


@pytest.mark.parametrize("arguments", [[], ["folder", "--all-runs"], ["folder", "--run-id", "x"]])
async def test_either_a_folder_or_all_runs(api: FakeApi, arguments: list[str]) -> None:
    await told(api, "clean", *arguments, code=ExitCode.USAGE)
