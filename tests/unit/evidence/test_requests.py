"""What was asked for a case is beside its other evidence: in its own file, bounded, and at once."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ai_conformance.evidence import recorder
from ai_conformance.evidence.observing import Observed, unmarked
from ai_conformance.evidence.recorder import Evidence
from ai_conformance.evidence.requests import Requests
from ai_conformance.kube.recording.place import CaseName
from ai_conformance.kube.recording.recorder import Exchange


def asked(actor: str = "check/dra_support", **fields: Any) -> Exchange:
    made = {"case": None, "at": datetime(2026, 11, 24, tzinfo=UTC), "duration_s": 0.25, "method": "GET", "path": "/x"}
    return Exchange(actor=actor, **{**made, **fields})


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_each_case_has_its_own_file_and_so_has_the_check(tmp_path: Path) -> None:
    requests = Requests(tmp_path)
    requests.take(asked())
    requests.take(asked(case=CaseName(name="Works", variant="n1"), status=200, read={"a": 1}))
    requests.take(asked("run"))
    (of_check,) = lines(tmp_path / "evidence/dra_support/requests.jsonl")
    assert of_check == {"at": "2026-11-24T00:00:00+00:00", "method": "GET", "path": "/x", "duration_s": 0.25}
    (of_case,) = lines(tmp_path / "evidence/dra_support/Works/n1/requests.jsonl")
    assert (of_case["status"], of_case["read"]) == (200, {"a": 1})
    assert Evidence(tmp_path).case("dra_support", name="Works", variant="n1").requests() == (
        "evidence/dra_support/Works/n1/requests.jsonl"
    )
    assert Evidence(tmp_path).case("dra_support", name="Other").requests() is None


def test_a_file_does_not_grow_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "JSON_LIMIT_BYTES", 1000)
    requests = Requests(tmp_path)
    for _ in range(100):
        requests.take(asked())
    found = lines(tmp_path / "evidence/dra_support/requests.jsonl")
    assert found[-1] == {"cut": "more is not kept"}
    assert len(found) < 15


def test_marks_tell_secrets_apart_and_nothing_about_them() -> None:
    redaction = Observed()
    one, same, other = (redaction.cut(f"password={word}") for word in ("hunter2", "hunter2", "hunter3"))
    assert one == same != other
    assert "hunter" not in one + other
    assert unmarked(one) == unmarked(other) == "password=[redacted: environment]"
    assert Observed().cut("password=hunter2") != one, "a mark of one run says nothing in another"


def test_what_was_cut_before_is_the_same_without_marks() -> None:
    data = {"env": [{"name": "API_TOKEN", "value": "hunter2"}], "text": "bearer abcdefghijklmnopqrstuvwxyz"}
    redaction = Observed()
    assert Observed().nameless(redaction.cut(data)) == redaction.nameless(data)


def test_who_wrote_an_object_is_kept_and_what_is_not() -> None:
    fields = [{"manager": "kubelet", "operation": "Update", "subresource": "status", "fieldsV1": {"f:x": {}}}]
    cut = Observed().cut({"metadata": {"managedFields": fields}})
    assert cut["metadata"]["managedFields"] == [{"manager": "kubelet", "operation": "Update", "subresource": "status"}]


def test_with_what_words_others_start_their_pods_is_not_kept() -> None:
    container: dict[str, Any] = {
        "name": "c",
        "image": "i",
        "args": ["--at", "10.1.2.3"],
        "env": [{"name": "WHERE", "value": "private"}],
    }
    theirs = {"kind": "Pod", "metadata": {"name": "a"}, "spec": {"containers": [container]}}
    ours = {**theirs, "metadata": {"name": "b", "labels": {"ai-conformance.dev/run": "abc"}}}
    first, second = Observed().cut_answer({"kind": "PodList", "items": [theirs, ours]})["items"]
    assert first["spec"]["containers"][0]["image"] == "i"
    assert first["spec"]["containers"][0]["env"][0]["name"] == "WHERE"
    assert "10.1.2.3" not in str(first)
    assert "private" not in str(first)
    assert second == ours
    assert Observed().cut_answer(theirs)["spec"] != theirs["spec"]


def test_a_template_of_others_is_theirs_as_well() -> None:
    spec = {"template": {"spec": {"initContainers": [{"command": ["secret-word"]}]}}}
    assert "secret-word" not in str(
        Observed().cut_answer({"kind": "Deployment", "metadata": {"name": "a"}, "spec": spec})
    )
