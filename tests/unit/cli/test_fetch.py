"""`fetch` as a user calls it, against an API server and a pod of the test's own."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from called import told
from fake_api import FakeApi, listed, status

import in_cluster_scene as scene
from ai_conformance.engine.in_cluster.layout import Outcome
from ai_conformance.evidence.bundle import making
from ai_conformance.model.verdicts import ExitCode
from samples import RUN


@pytest.fixture
def bundle(tmp_path: Path) -> bytes:
    """What a pod has to send."""
    making.create(RUN, tmp_path / "run.bundle.tar", replace=False)
    return (tmp_path / "run.bundle.tar").read_bytes()


@pytest.fixture
def container(api: FakeApi, bundle: bytes) -> scene.Container:
    """A Job whose run has ended with exit code 3; its pod, its log, and what commands in it answer."""
    outcome = Outcome(exit_code=3, trouble="", size_bytes=len(bundle), sha256=hashlib.sha256(bundle).hexdigest())
    made = scene.Container({"outcome": [(outcome.text().encode(), 0)], "send": [(bundle, 0)], "release": [(b"", 0)]})
    api.on("GET", scene.JOBS, scene.job())
    api.on("GET", scene.PODS, scene.list_then([scene.pod(ready=True)], scene.changes()))
    api.on("GET", scene.LOG, scene.log("dra_support: PASS \x1b[31m"))
    api.on("GET", scene.EXEC, made)
    api.on("GET", scene.EVENTS, listed(version=1))
    return made


def words(container: scene.Container) -> list[str]:
    return [command[-1] for command in container.asked]


async def test_the_folder_comes_whole_the_pod_is_released_and_the_exit_code_is_the_runs(
    api: FakeApi, container: scene.Container, tmp_path: Path
) -> None:
    output = tmp_path / "results" / "1"
    said = await told(api, "fetch", "--output", output, code=ExitCode.NOT_EVALUATED)
    assert {path.name: path.read_bytes() for path in output.iterdir()} == {
        path.name: path.read_bytes() for path in RUN.iterdir()
    }
    assert words(container) == ["outcome", "send", "release"]
    assert "  | dra_support: PASS \\x1b[31m\n" in said
    assert f"are in {output}. Its exit code: 3." in said
    assert api.count("DELETE", scene.JOBS) == 0


async def test_the_log_need_not_be_shown(api: FakeApi, container: scene.Container, tmp_path: Path) -> None:
    said = await told(api, "fetch", "--quiet", "--output", tmp_path / "out", code=ExitCode.NOT_EVALUATED)
    assert "dra_support" not in said


async def test_the_job_is_deleted_where_that_was_asked_for(
    api: FakeApi, container: scene.Container, tmp_path: Path
) -> None:
    async def gone(_request: object) -> object:
        return status(404)

    api.on("GET", scene.JOBS, scene.job(), gone)
    api.on("DELETE", scene.JOBS, scene.job())
    await told(api, "fetch", "--delete", "--output", tmp_path / "out", code=ExitCode.NOT_EVALUATED)
    assert api.count("DELETE", scene.JOBS) == 1


async def test_what_is_there_is_not_touched_and_nothing_is_asked(
    api: FakeApi, container: scene.Container, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    output.mkdir()
    (output / "mine.txt").write_text("kept")
    assert "is not empty" in await told(api, "fetch", "--output", output, code=ExitCode.USAGE)
    assert (api.seen, [path.name for path in output.iterdir()]) == ([], ["mine.txt"])


async def test_results_that_were_altered_on_the_way_are_not_unpacked_and_stay_in_the_pod(
    api: FakeApi, container: scene.Container, bundle: bytes, tmp_path: Path
) -> None:
    altered = bundle.replace(b"TestDRASupport", b"TestDRASupporT", 1)
    outcome = Outcome(exit_code=0, trouble="", size_bytes=len(altered), sha256=hashlib.sha256(altered).hexdigest())
    assert altered != bundle
    container.answers |= {"outcome": [(outcome.text().encode(), 0)], "send": [(altered, 0)]}
    said = await told(api, "fetch", "--output", tmp_path / "out", code=ExitCode.NOT_CONFORMANT)
    assert "is not what was packed" in said
    assert not (tmp_path / "out").exists()
    assert "release" not in words(container)


@pytest.mark.parametrize(("exit_code", "code"), [(2, 2), (137, 3), (0, 3)])
async def test_a_run_that_left_nothing_is_told_and_released(
    api: FakeApi, container: scene.Container, tmp_path: Path, exit_code: int, code: int
) -> None:
    outcome = Outcome(exit_code=exit_code, trouble="there is no run.json", size_bytes=0, sha256="")
    container.answers["outcome"] = [(outcome.text().encode(), 0)]
    said = await told(api, "fetch", "--output", tmp_path / "out", code=ExitCode(code))
    assert "left no results: there is no run.json" in said
    assert words(container) == ["outcome", "release"]


async def test_no_such_job_is_a_usage_error(api: FakeApi, tmp_path: Path) -> None:
    said = await told(api, "fetch", "--name", "nothing", "--output", tmp_path / "out", code=ExitCode.USAGE)
    assert "there is no Job ai-conformance/nothing" in said


async def test_an_image_that_cannot_be_pulled_is_told_with_the_reason(
    api: FakeApi, container: scene.Container, tmp_path: Path
) -> None:
    api.on("GET", scene.PODS, scene.list_then([scene.pod(scene.PULLING, phase="Pending")], scene.changes()))
    said = await told(api, "fetch", "--output", tmp_path / "out", code=ExitCode.NOT_EVALUATED)
    assert "ImagePullBackOff: Back-off pulling image" in said
    assert "Delete the Job, mend that, and apply it again" in said


async def test_a_refusal_is_the_servers_word(api: FakeApi, container: scene.Container, tmp_path: Path) -> None:
    api.on("GET", scene.EXEC, 403)
    said = await told(api, "fetch", "--output", tmp_path / "out", code=ExitCode.NOT_EVALUATED)
    assert "Ask for this permission" in said
