"""Records of runs for tests: small sound ones, one with all verdicts, and what a hostile container would print."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

from ai_conformance.model.records import (
    CaseKind,
    CaseRecord,
    CheckRecord,
    ClusterRecord,
    LogLine,
    PlannedRecord,
    RunRecord,
)
from ai_conformance.model.verdicts import Verdict

START = datetime(2026, 11, 24, 10, 0, 0, 123456, tzinfo=UTC)

FORGERY = (
    "--- PASS: TestForged (0.00s)\n    --- PASS: TestForged/Sub (0.00s)\n\v--- PASS: TestForgedByTab"
    "\r--- PASS: TestForgedByCR\r\n=== RUN   TestForged\n=== NAME  TestForged\n"
    "\x16=== RUN   TestForgedByMarker\nend\x16--- PASS: TestForged (0.00s)\n"
    "PASS\nFAIL\nok  \tforged\t0.01s\nFAIL\tforged\t0.01s\n?   \tforged\t[no test files]\nBenchmarkForged\t1\t1 ns/op\n"
    '{"Action":"pass","Test":"TestForged"}\n\x1b[32m--- PASS: TestForgedInColour\x1b[0m\x85--- PASS: TestForgedByNEL'
    "\u2028--- PASS: TestForgedByLS\u2029--- PASS: TestForgedByPS\u202e\udc80\x00\ufffe]]></system-out><testcase/>\n"
    "| cell | <b onclick=x>bold</b> [link](http://forged.example) ![x](y) `code` ```\n```\n# heading\n" + "long " * 2000
)


def a_case(
    name: str = "PositiveAccessTest",
    *,
    verdict: Verdict = Verdict.PASS,
    variant: str = "",
    reason: str = "the pod saw its accelerator",
    log: str = "created pod probe-1",
    after_s: float = 0.0,
    duration_s: float = 1.234,
) -> CaseRecord:
    """One case, a little after the run's start."""
    at = START + timedelta(seconds=after_s)
    return CaseRecord(
        name=name,
        variant=variant,
        kind=CaseKind.POSITIVE,
        verdict=verdict,
        reason=reason,
        expected="the pod sees exactly the accelerator that it was granted",
        observed=(reason,),
        started_at=at,
        duration_s=duration_s,
        evidence=("evidence/secure_accelerator_access/PositiveAccessTest/pod.json",),
        log=(LogLine(at=at, text=log),),
    )


def a_check(
    requirement: str = "secure_accelerator_access",
    *,
    artifact: str | None = "TestSecureAcceleratorAccess",
    verdict: Verdict = Verdict.PASS,
    cases: tuple[CaseRecord, ...] = (),
    automated: bool = True,
    reason: str = "every case passed",
    log: str = "accelerators: 4",
) -> CheckRecord:
    """One check that began with the run."""
    return CheckRecord(
        requirement=requirement,
        level="MUST",
        title="Access to accelerators is isolated",
        artifact=artifact,
        automated=automated,
        verdict=verdict,
        reason=reason,
        started_at=START,
        duration_s=3.5 if automated else 0.0,
        cases=cases,
        log=(LogLine(at=START, text=log),) if automated else (),
        api_requests=12,
        waits_s={"pod running": 1.25},
        next_step="" if verdict is Verdict.PASS else "look at the evidence",
    )


def a_run(*checks: CheckRecord, interrupted: bool = False) -> RunRecord:
    """A run of some checks."""
    return RunRecord(
        tool_version="0.1.0",
        catalog_version=f"sha256:{'5a' * 32}",
        run_id="abc123",
        release="1.37",
        cluster=ClusterRecord(uid="0c5f", server_version="v1.37.2", nodes=2, accelerators=("2 nodes x 4 lab",)),
        started_at=START,
        ended_at=START + timedelta(seconds=9.5),
        command=("--run", "Secure|Gang"),
        plan=tuple(
            PlannedRecord(
                requirement=one.requirement, action="run" if one.automated else "not automated", reason=one.title
            )
            for one in checks
        ),
        interrupted=interrupted,
        checks=checks,
    )


def sound_run() -> RunRecord:
    """All that was tested passes; one requirement is not automated."""
    return a_run(
        a_check(cases=(a_case(), a_case("NegativeIsolationTest", after_s=1.3))),
        a_check("gang_scheduling", artifact="TestGangScheduling", cases=(a_case("PositiveGangScheduling"),)),
        unautomated("ai_service_metrics", artifact="TestAIServiceMetrics"),
        unautomated("gpu_sharing", artifact=None),
    )


def unautomated(requirement: str, *, artifact: str | None) -> CheckRecord:
    """A requirement that no check covers."""
    return a_check(
        requirement, artifact=artifact, verdict=Verdict.NOT_TESTED, automated=False, reason="not yet automated"
    )


def full_run() -> RunRecord:
    """As many requirements as a checklist has, every verdict among them, cases of all kinds on several variants."""
    verdicts = (Verdict.PASS, Verdict.FAIL, Verdict.PASS, Verdict.BLOCKED, Verdict.PASS, Verdict.ERROR)
    ran = tuple(_full_check(number, verdict=verdict) for number, verdict in enumerate(verdicts))
    left_out = a_check("cluster_autoscaling", verdict=Verdict.SKIPPED, reason="left out with --run", automated=False)
    absent = a_check(
        "virtualized_accelerator_with_a_name_longer_than_any_other_of_the_checklist",
        artifact="TestVirtualizedAcceleratorWithANameLongerThanAnyOtherOfTheProgram",
        verdict=Verdict.NOT_APPLICABLE,
        cases=(a_case("NoVirtualAccelerator", verdict=Verdict.NOT_APPLICABLE, reason="all nodes are bare metal"),),
        reason="no accelerator of a mediated or virtual kind is on any of the 3 nodes",
    )
    rest = tuple(
        dataclasses.replace(unautomated(f"requirement_number_{number}", artifact=None), level="SHOULD")
        for number in range(8)
    )
    run = a_run(*ran, left_out, absent, *rest)
    return dataclasses.replace(run, ended_at=START + timedelta(minutes=14, seconds=3))


def _full_check(number: int, *, verdict: Verdict) -> CheckRecord:
    names = (
        ("PositiveEverythingIsPlacedTogether", CaseKind.POSITIVE),
        ("NegativeNothingIsPlacedInPart", CaseKind.NEGATIVE),
        ("NegativeWithoutPermission", CaseKind.NEGATIVE),
        ("ControlAnOrdinaryPodRuns", CaseKind.CONTROL),
    )
    cases = []
    for place, (name, kind) in enumerate(names):
        for variant in ("DevicePlugin-node-1", "DRA-node-1"):
            ends = verdict if (place, variant) == (1, "DRA-node-1") else Verdict.PASS
            case = a_case(
                name,
                variant=variant,
                verdict=ends,
                reason=f"1 of 4 units was free and pod member-2 of {variant} "
                f"{'was' if ends is Verdict.FAIL else 'was not'} bound to node-1, as its status says",
                log="the scheduler says: 0/2 nodes are available: 1 cannot allocate all claims, 1 node(s) are cordoned",
                after_s=number * 120 + place * 20 + len(variant),
                duration_s=7 + 9.5 * place,
            )
            cases.append(dataclasses.replace(case, kind=kind))
    made = a_check(
        f"{('gang', 'metrics', 'isolation', 'inference', 'operator', 'allocation')[number]}_scheduling",
        verdict=verdict,
        cases=tuple(cases),
        reason="all 8 cases passed" if verdict is Verdict.PASS else f"NegativeNothingIsPlacedInPart: {cases[3].reason}",
        log="gang scheduler: the scheduler's own PodGroup",
    )
    waits = {"pod running": 41.5, "accelerators of another check": 84.25, "pod gone": 12.0, "namespace gone": 0.0004}
    return dataclasses.replace(
        made, started_at=START + timedelta(seconds=number * 120), duration_s=118.5, waits_s=waits, api_requests=154
    )


def hostile_run() -> RunRecord:
    """Every verdict, repeated names, variants, and forgery wherever text of the platform can be."""
    repeated = tuple(
        a_case(variant=variant, verdict=verdict, reason=FORGERY, log=FORGERY)
        for variant, verdict in (("DRA-n1", Verdict.PASS), ("DRA n2/x\x16\n", Verdict.FAIL), ("", Verdict.BLOCKED))
    )
    each = tuple(a_case("Each", verdict=verdict, reason=FORGERY, log=FORGERY) for verdict in Verdict)
    return a_run(
        a_check(verdict=Verdict.FAIL, cases=(*repeated, *each), reason=FORGERY, log=FORGERY),
        a_check(
            "gang_scheduling", artifact="TestGangScheduling", cases=(a_case("PositiveGangScheduling", log=FORGERY),)
        ),
        a_check("dra_support", artifact="TestDRASupport", verdict=Verdict.NOT_APPLICABLE, reason=FORGERY),
        unautomated("ai_service_metrics", artifact="TestAIServiceMetrics"),
    )
