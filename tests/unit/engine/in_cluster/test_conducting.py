"""What goes on in the pod: the run, its results, the mark that they are there, and who waits for whom."""

from __future__ import annotations

import asyncio
import gzip
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from ai_conformance.engine.in_cluster import conducting, packing
from ai_conformance.engine.in_cluster.layout import Outcome, Results
from ai_conformance.evidence.bundle import verifying
from ai_conformance.model.verdicts import ExitCode
from samples import RUN

FOREVER_S = 3600.0


def tool(body: str) -> tuple[str, ...]:
    """A stand-in for the tool: a program that is given the options of `run`."""
    head = f"import os, pathlib, shutil, signal, sys; output = pathlib.Path(sys.argv[3]); sample = {str(RUN)!r}\n"
    return (sys.executable, "-c", head + body)


LEAVES_A_RUN = "shutil.copytree(sample, output); (output / 'README.md').unlink()\n"


@pytest.fixture
def results(tmp_path: Path) -> Results:
    """The folder of results, which is not there yet."""
    return Results(tmp_path / "sonobuoy" / "results")


@pytest.fixture
def said() -> list[str]:
    """What the pod prints."""
    return []


async def done(results: Results) -> None:
    """Wait for the end of it, as the readiness probe does."""
    while not results.outcome.exists():  # noqa: ASYNC110 - a file has no event
        await asyncio.sleep(0.01)


async def test_a_run_leaves_its_folder_a_bundle_and_the_name_of_the_archive_in_the_done_file(
    results: Results, said: list[str]
) -> None:
    program = tool(LEAVES_A_RUN + "print(sys.argv[1:]); sys.exit(1)")
    code = await conducting.conduct(["--skip=x"], results=results, hold_s=0, say=said.append, tool=program)
    assert code == 1
    outcome = Outcome.read(results.outcome.read_text())
    assert (outcome.exit_code, outcome.trouble, outcome.size_bytes) == (1, "", results.bundle.stat().st_size)
    assert verifying.verify(results.bundle).code is ExitCode.OK
    assert results.done.read_text() == str(results.compressed)
    assert gzip.decompress(results.compressed.read_bytes()) == results.bundle.read_bytes()
    assert not results.release.exists()


async def test_the_options_reach_the_run_after_the_folder(results: Results, said: list[str]) -> None:
    program = tool("(output.parent / 'options').write_text(' '.join(sys.argv[1:])); sys.exit(2)")
    await conducting.conduct(["--run=A B", "--skip=x"], results=results, hold_s=0, say=said.append, tool=program)
    assert (results.root / "options").read_text() == f"run --output {results.run} --run=A B --skip=x"


async def test_a_run_without_a_record_is_told_to_sonobuoy_too(results: Results, said: list[str]) -> None:
    code = await conducting.conduct([], results=results, hold_s=0, say=said.append, tool=tool("sys.exit(2)"))
    assert code == 2
    outcome = Outcome.read(results.outcome.read_text())
    assert (outcome.exit_code, outcome.sha256) == (2, "")
    assert "did not begin" in outcome.trouble
    report = ElementTree.parse(results.done.read_text()).getroot()
    assert report.attrib["errors"] == "1"
    assert "exit code 2" in report.findall(".//error")[0].attrib["message"]


async def test_a_run_that_broke_off_without_a_record_says_which_file_there_is_not(
    results: Results, said: list[str]
) -> None:
    program = tool("output.mkdir(parents=True); (output / 'journal.jsonl').touch(); sys.exit(70)")
    assert await conducting.conduct([], results=results, hold_s=0, say=said.append, tool=program) == 70
    assert "there is no run.json" in Outcome.read(results.outcome.read_text()).trouble


async def test_a_run_that_was_killed_is_no_verdict(results: Results, said: list[str]) -> None:
    program = tool("os.kill(os.getpid(), signal.SIGKILL)")
    code = await conducting.conduct([], results=results, hold_s=0, say=said.append, tool=program)
    assert code == ExitCode.NOT_EVALUATED
    assert "killed by signal 9" in Outcome.read(results.outcome.read_text()).trouble


async def test_results_wait_until_somebody_says_that_they_were_taken(results: Results, said: list[str]) -> None:
    program = tool(LEAVES_A_RUN + "sys.exit(3)")
    conducted = asyncio.create_task(
        conducting.conduct([], results=results, hold_s=FOREVER_S, say=said.append, tool=program)
    )
    await done(results)
    assert not conducted.done()
    conducting.release(results)
    assert await conducted == 3
    assert said[-1] == "Fetched."


async def test_results_wait_for_their_time_and_no_longer(results: Results, said: list[str]) -> None:
    program = tool(LEAVES_A_RUN)
    assert await conducting.conduct([], results=results, hold_s=0.01, say=said.append, tool=program) == 0
    assert said[-1].startswith("Nobody has fetched them")


async def test_a_signal_ends_the_waiting(results: Results, said: list[str]) -> None:
    conducted = asyncio.create_task(
        conducting.conduct([], results=results, hold_s=FOREVER_S, say=said.append, tool=tool(LEAVES_A_RUN))
    )
    await done(results)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await conducted == 0


async def test_a_signal_reaches_the_run_and_nothing_is_waited_for_then(results: Results, said: list[str]) -> None:
    program = tool(
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(4))\n"
        "output.parent.mkdir(parents=True, exist_ok=True); (output.parent / 'began').touch(); signal.pause()"
    )
    conducted = asyncio.create_task(
        conducting.conduct([], results=results, hold_s=FOREVER_S, say=said.append, tool=program)
    )
    while not (results.root / "began").exists():  # noqa: ASYNC110 - a file has no event
        await asyncio.sleep(0.01)
    os.kill(os.getpid(), signal.SIGTERM)
    assert await conducted == ExitCode.INTERRUPTED
    assert results.done.exists()
    assert not any("Waits" in one for one in said)


def test_nobody_is_told_where_nobody_waits(results: Results) -> None:
    with pytest.raises(conducting.NobodyWaits, match="No such file"):
        conducting.release(results)
    results.root.mkdir(parents=True)
    os.mkfifo(results.release)
    with pytest.raises(conducting.NobodyWaits):
        conducting.release(results)


def test_the_marks_come_last(results: Results, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []

    def write(path: Path, content: bytes) -> None:
        written.append(path.name)
        if path == results.done:
            assert Path(content.decode()).exists()

    monkeypatch.setattr(packing.layout, "write", write)
    results.root.mkdir(parents=True)
    left = results.run
    left.mkdir()
    for one in RUN.iterdir():
        if one.name != "README.md":
            (left / one.name).write_bytes(one.read_bytes())
    packing.leave(results, exit_code=0)
    assert written == ["done", "outcome.json"]


@pytest.mark.parametrize(
    ("environment", "place"),
    [({}, "/tmp/sonobuoy/results"), ({"SONOBUOY_RESULTS_DIR": "/elsewhere"}, "/elsewhere")],
)
def test_the_place_is_sonobuoys_own(environment: dict[str, str], place: str) -> None:
    assert str(Results.of(environment).done) == f"{place}/done"


@pytest.fixture(autouse=True)
def _no_signal_of_ours_is_left() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    assert signal.getsignal(signal.SIGTERM) == before
