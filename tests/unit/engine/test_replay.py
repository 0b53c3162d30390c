"""A run of one check against an API server of the test's own, and the same run from its recording."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

sys.path.insert(0, str(Path(__file__).parents[1] / "kube"))

from fake_api import FakeApi, listed, pod, serving

from ai_conformance import catalog
from ai_conformance.checks import outcomes, registry
from ai_conformance.checks.context import Context
from ai_conformance.checks.metadata import CaseInfo, CheckMetadata
from ai_conformance.checks.options import Options
from ai_conformance.engine import agreement, replay
from ai_conformance.engine.plan import Action, Item, Plan
from ai_conformance.engine.run import Runner
from ai_conformance.evidence.observing import Observed
from ai_conformance.evidence.recorder import Evidence
from ai_conformance.evidence.requests import Requests
from ai_conformance.kube import poll, resources
from ai_conformance.kube.ledger import UnwrittenLedger
from ai_conformance.kube.recording import reading
from ai_conformance.kube.recording.recorder import Recorder
from ai_conformance.kube.recording.writing import RecordingWire
from ai_conformance.kube.session import Session
from ai_conformance.kube.wire import LiveWire
from ai_conformance.model.records import CaseKind, CheckRecord, RunRecord
from ai_conformance.model.releases import Release
from ai_conformance.model.requirements import Level
from ai_conformance.model.verdicts import ExitCode, Verdict

PODS = "/api/v1/namespaces/n/pods"
Body = Callable[[Context], Awaitable[None]]


@dataclasses.dataclass
class Studio:
    """Where runs are recorded."""

    api: FakeApi
    folder: Path
    bodies: dict[str, Body]
    lines: list[str] = dataclasses.field(default_factory=list)

    def check(self, name: str) -> CheckMetadata | None:
        """The check for a requirement."""
        if name not in self.bodies:
            return None
        return CheckMetadata(
            requirement=name,
            artifact="TestIt",
            summary="one thing",
            cases=(CaseInfo(name="Works", kind=CaseKind.POSITIVE, proves="it works"),),
            uses=(),
            images=(),
            waits=(),
            on_fail="repair it",
            on_blocked="make room",
            needs="nothing",
            accelerators_required=False,
            body=self.bodies[name],
        )

    async def run(
        self, *, kept: Mapping[str, CheckRecord] | None = None, meanwhile: Callable[[], Awaitable[object]] | None = None
    ) -> RunRecord:
        """Record a run; it is interrupted when ``meanwhile`` is over."""
        observer = Requests(self.folder).take
        recorder = Recorder(sink=self.lines.append, redaction=Observed(), observer=observer)
        facts = catalog.load()
        items = [
            Item(
                requirement=facts.requirement(one),
                level=Level.MUST,
                action=Action.RUN,
                reason="",
                check=self.check(one),
            )
            for one in self.bodies
        ]
        connected = await Session.connect(
            kubeconfig=self.api.kubeconfig(),
            wired=lambda transport: RecordingWire(LiveWire(transport), recorder=recorder),
        )
        async with connected as session:
            runner = Runner(
                plan=Plan(release=Release(1, 37), items=tuple(items)),
                session=session,
                catalog=facts,
                options=Options(),
                ledger=UnwrittenLedger(),
                evidence=Evidence(self.folder),
                listener=lambda _event: None,
                timeout_s=60,
                note=recorder.note,
                kept=kept or {},
            )
            running = asyncio.create_task(runner.execute())
            if meanwhile is not None:
                await meanwhile()
                running.cancel()
            return await running

    async def again(self, run: RunRecord) -> agreement.Agreement:
        """The same from the recording alone."""
        sessions = reading.sessions(self.lines)
        found = await asyncio.to_thread(replay.again, run, sessions, catalog=catalog.load(), options=Options())
        return agreement.compare(run, found)


@pytest.fixture
async def api(tmp_path: Path) -> AsyncIterator[FakeApi]:
    async with serving(tmp_path) as fake:
        fake.on("GET", "/version", {"gitVersion": "v1.37.2", "major": "1", "minor": "37"})
        fake.on("GET", "/api/v1/nodes", listed(version=1))
        fake.on("GET", "/api/v1/namespaces/kube-system", {"metadata": {"uid": "u"}})
        fake.on("GET", f"{PODS}/a", pod("a", version=1, phase="Pending"), pod("a", version=2, phase="Running"))
        yield fake


@pytest.fixture
def studio(api: FakeApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Studio:
    made = Studio(api=api, folder=tmp_path, bodies={"gang_scheduling": until_it_runs})
    monkeypatch.setattr(registry, "get", made.check)
    return made


async def until_it_runs(ctx: Context) -> None:
    async with ctx.case("Works", expected="it runs") as case:
        seen = await poll.eventually(
            lambda: ctx.session.get(resources.POD, "a", "n"),
            until=lambda one: one["status"]["phase"] != "Pending",
            timeout_s=5,
            waiting_for="a pod",
            interval_s=0.01,
        )
        if seen["status"]["phase"] != "Running":
            raise outcomes.Failed(f"the pod is {seen['status']['phase']}")
        case.observe("it runs")


async def test_a_pass_is_a_pass_again(studio: Studio) -> None:
    run = await studio.run()
    assert run.checks[0].verdict is Verdict.PASS
    assert (await studio.again(run)).code is ExitCode.OK


async def test_a_fail_is_a_fail_again_with_its_reason(studio: Studio) -> None:
    studio.api.on("GET", f"{PODS}/a", pod("a", version=1, phase="Failed"))
    run = await studio.run()
    found = await studio.again(run)
    (check,) = found.checks
    assert (check.whole.recomputed, found.code) == (Verdict.FAIL, ExitCode.OK)
    assert check.cases[0].recomputed_reason == "the pod is Failed"


async def test_what_the_pod_was_seen_to_be_decides_and_not_what_was_written_of_it(studio: Studio) -> None:
    run = await studio.run()
    studio.lines = [line.replace("Running", "Failed") for line in studio.lines]
    found = await studio.again(run)
    assert found.code is ExitCode.NOT_CONFORMANT
    assert [(pair.recorded, pair.recomputed) for pair in found.checks[0].differences] == [
        (Verdict.PASS, Verdict.FAIL),
        (Verdict.PASS, Verdict.FAIL),
    ]


async def test_an_interruption_comes_again_at_its_moment(studio: Studio) -> None:
    begun = asyncio.Event()

    async def pending(_request: Any) -> Any:
        if studio.api.count("GET", f"{PODS}/a") == 3:
            begun.set()
        return web.json_response(pod("a", version=1, phase="Pending"))

    studio.api.on("GET", f"{PODS}/a", pending)
    run = await studio.run(meanwhile=begun.wait)
    assert run.interrupted
    assert (await studio.again(run)).code is ExitCode.OK


async def test_of_a_run_that_was_taken_up_each_check_is_judged_where_it_began_last(studio: Studio) -> None:
    first = await studio.run()
    killed_at = len(studio.lines)
    studio.bodies["dra_support"] = until_it_runs
    studio.api.on("GET", f"{PODS}/a", pod("a", version=3, phase="Failed"))
    kept = {one.requirement: one for one in first.checks}
    second = await studio.run(kept=kept)
    assert {one.requirement: one.verdict for one in second.checks} == {
        "gang_scheduling": Verdict.PASS,
        "dra_support": Verdict.FAIL,
    }
    assert (await studio.again(second)).code is ExitCode.OK
    del studio.lines[:killed_at]
    found = await studio.again(second)
    assert found.code is ExitCode.NOT_EVALUATED
    assert [one.requirement for one in found.checks if one.trouble] == ["gang_scheduling"]


async def test_of_a_killed_session_what_had_not_ended_is_nobodys_verdict(studio: Studio) -> None:
    run = await studio.run()
    last = next(number for number, line in enumerate(studio.lines) if "Running" in line)
    del studio.lines[last:]
    found = await studio.again(run)
    (check,) = found.checks
    assert found.code is ExitCode.NOT_EVALUATED
    assert check.trouble == f"the recording has no answer to GET {PODS}/a"


async def test_what_was_asked_otherwise_is_named_and_no_bug(studio: Studio) -> None:
    run = await studio.run()

    async def another(ctx: Context) -> None:
        async with ctx.case("Works", expected="it runs"):
            await ctx.session.get(resources.POD, "b", "n")

    studio.bodies["gang_scheduling"] = another
    (check,) = (await studio.again(run)).checks
    assert check.trouble == f"the recording has no answer to GET {PODS}/b"


async def test_a_check_that_waits_for_ever_now_is_named_with_what_it_waits_for(studio: Studio) -> None:
    run = await studio.run()

    async def another(ctx: Context) -> None:
        async with ctx.case("Works", expected="it runs"):
            await poll.eventually(
                lambda: asyncio.sleep(0), until=lambda _: False, timeout_s=1e9, waiting_for="the end of days"
            )

    studio.bodies["gang_scheduling"] = another
    (check,) = (await studio.again(run)).checks
    assert "it waits for the end of days" in check.trouble


async def test_a_check_of_another_version_is_named(studio: Studio) -> None:
    run = await studio.run()
    studio.bodies.clear()
    (check,) = (await studio.again(run)).checks
    assert check.trouble == "this version has no such check"


async def test_where_the_cluster_cannot_be_known_again_nothing_is(studio: Studio) -> None:
    run = await studio.run()
    studio.lines = [line for line in studio.lines if "kube-system" not in line]
    (check,) = (await studio.again(run)).checks
    assert "kube-system" in check.trouble


async def test_what_was_asked_for_a_case_is_among_its_evidence(studio: Studio) -> None:
    run = await studio.run()
    (case,) = run.checks[0].cases
    assert case.evidence == ("evidence/gang_scheduling/Works/requests.jsonl",)
    lines = [json.loads(line) for line in (studio.folder / case.evidence[0]).read_text().splitlines()]
    assert [(one["method"], one["path"], one["status"]) for one in lines] == [("GET", f"{PODS}/a", 200)] * 2
    assert [one["read"]["status"]["phase"] for one in lines] == ["Pending", "Running"]


async def test_no_record_is_changed_by_what_was_asked_of_it(studio: Studio) -> None:
    run = await studio.run()
    before = json.dumps(studio.lines)
    files = sorted(studio.folder.rglob("*"))
    for _ in range(20):
        assert (await studio.again(run)).code is ExitCode.OK
    assert json.dumps(studio.lines) == before
    assert sorted(studio.folder.rglob("*")) == files
