"""The folder of a run: never another's, complete from the first request on, and no hindrance when the disk is full."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from ai_conformance.cli import failures, options, recording
from ai_conformance.cli.run import run
from ai_conformance.engine import events
from ai_conformance.kube.transcript import Entry
from ai_conformance.model.records import ClusterRecord
from ai_conformance.model.releases import Release

STARTED = events.CheckStarted(requirement="gang_scheduling")


def a_request(path: str) -> Entry:
    return Entry(
        at=datetime.now(UTC),
        actor="run",
        method="GET",
        path=path,
        status=200,
        duration_s=0.1,
        sent_bytes=0,
        received_bytes=1,
    )


def test_requests_before_the_folder_are_in_the_transcript(tmp_path: Path) -> None:
    kept = recording.Recording(tmp_path / "out", on_trouble=lambda: None)
    kept.request(a_request("/version"))
    assert not (tmp_path / "out").exists()
    kept.open()
    kept.request(a_request("/api"))
    kept.close()
    lines = (tmp_path / "out" / recording.TRANSCRIPT).read_text().splitlines()
    assert [json.loads(line)["path"] for line in lines] == ["/version", "/api"]


def test_the_journal_begins_with_the_cluster(tmp_path: Path) -> None:
    kept = recording.Recording(tmp_path, on_trouble=lambda: None)
    kept.open()
    cluster = ClusterRecord(uid="uid-1", server_version="v1.37.2", nodes=2)
    kept.started("abc123", cluster=cluster, release=Release(1, 37), command=())
    kept.event(STARTED)
    kept.close()
    assert recording.cluster_uid(tmp_path) == "uid-1"
    lines = (tmp_path / recording.JOURNAL).read_text().splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["RunStarted", "CheckStarted"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"event": "CheckStarted"}', '{"event": "RunStarted"}'])
def test_a_torn_journal_names_no_cluster(tmp_path: Path, content: str) -> None:
    (tmp_path / recording.JOURNAL).write_text(content)
    assert recording.cluster_uid(tmp_path) is None


def test_a_full_disk_is_told_once_and_raises_nothing(tmp_path: Path) -> None:
    # /dev/full takes no byte: a journal that is a link to it is a journal on a full disk.
    (tmp_path / recording.JOURNAL).symlink_to("/dev/full")
    told: list[str] = []
    kept = recording.Recording(tmp_path, on_trouble=lambda: told.append("stop"))
    kept.open()
    kept.event(STARTED)
    kept.event(STARTED)
    kept.close()
    assert told == ["stop"]
    assert "no space left on device" in kept.trouble


def test_a_folder_that_cannot_be_made_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(failures.Failure, match="cannot be written"):
        recording.Recording(tmp_path / "file" / "out", on_trouble=lambda: None).open()


def test_the_options_in_force_can_be_given_again(tmp_path: Path) -> None:
    seen: list[tuple[str, ...]] = []

    @click.command()
    @options.target
    @options.selected
    @options.timeout
    @click.pass_context
    def command(ctx: click.Context, /, **_parameters: object) -> None:
        seen.append(options.in_force(ctx.params))

    given = ["--run=Gang|DRA/x", "--image-map=probe=a/b:1", "--requirement=dra_support", "--timeout=1h30m"]
    private = ["--kubeconfig=/home/somebody/.kube/config", "--context=account-4711"]
    for arguments in (given, [*given, "--profile=lab", *private]):
        CliRunner().invoke(command, arguments, catch_exceptions=False, standalone_mode=False)
    first, second = seen
    assert set(given) < set(first)
    assert "--profile=default" in first
    assert not any(one.startswith(("--kubeconfig", "--context")) for one in second)
    CliRunner().invoke(command, list(second), catch_exceptions=False, standalone_mode=False)
    assert seen[2] == second


def test_every_option_of_a_run_can_be_given_again(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    given = {
        "--release": "1.37",
        "--requirement": ["dra_support", "gang_scheduling"],
        "--skip": ["robust_controller"],
        "--run": "A=B|C/d e",
        "--accelerator-type": "x.example/y",
        "--allocation-mode": "dra",
        "--profile": "slow-cloud",
        "--gang-negative-window": "90s",
        "--gang-scheduler": "kueue",
        "--gang-queue": "queue",
        "--gang-scheduler-namespace": "ns",
        "--gang-job-labels": "a=b,c=,d.example/e=f",
        "--gang-pod-scheduler": "other",
        "--metrics-endpoint": ["http://1.2.3.4:9400/metrics", "ns/svc/name:80"],
        "--load-image": "a/b:1",
        "--prometheus-url": "https://prom.example/x?y=z",
        "--prometheus-token-file": str(file),
        "--prometheus-basic-auth-file": str(file),
        "--operator": ["jobset", "lws"],
        "--disruptive": True,
        "--gateway-class": "class",
        "--nodes-per-class": "3",
        "--namespace-prefix": "pre",
        "--image-registry": "reg.example/x",
        "--image-map": ["probe=a/b:1@sha256:x=y", "other=c"],
        "--allow-scale": True,
        "--max-extra-nodes": "2",
        "--autoscaler-node-pool-label": "pool=a=b",
        "--autoscaler-scale-up-timeout": "1m30s",
        "--autoscaler-scale-down-timeout": "90s",
        "--timeout": "2h",
        "--redact-file": str(file),
    }
    left_out = {"--kubeconfig", "--context", "--output", "--resume", "--help", "--contexts", "--all-contexts"}
    left_out |= {"--image-pull-secret"}  # where credentials are is not written down, and is given anew
    assert {one.opts[0] for one in run.params} - left_out == set(given)
    arguments = [
        name if one is True else f"{name}={one}"
        for name, value in given.items()
        for one in (value if isinstance(value, list) else [value])
    ]
    first = run.make_context("run", arguments).params
    again = run.make_context("run", list(options.in_force(first))).params
    assert again == first
