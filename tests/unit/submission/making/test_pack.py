"""What is packed is one run's, says what the record says, holds nothing private, and is the same every time."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

import pytest

from ai_conformance.model.releases import Release
from ai_conformance.model.verdicts import Verdict
from ai_conformance.reports import artifacts, run_json
from ai_conformance.submission.errors import Refused, SubmissionError
from ai_conformance.submission.making import files, privacy, runs
from ai_conformance.submission.making.pack import pack
from ai_conformance.submission.making.privacy import Redactions
from ai_conformance.submission.making.readme import FIRST_LINE
from ai_conformance.submission.making.runs import Run

RELEASE = Release(1, 37)


def cut(text: str) -> str:
    return privacy.cut(text, where="x", redactions=Redactions())


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("--kubeconfig=/home/someone/.kube/config", "--kubeconfig=~/.kube/config"),
        ("read /root/.kube/config: x", "read ~/.kube/config: x"),
        ("'/Users/someone/a b'", "'~/a b'"),
        ("/rooted /homeless /srv/root/x", "/rooted /homeless /srv/root/x"),
        ("dial tcp 10.0.12.7:6443: refused", "dial tcp [address]:6443: refused"),
        ("driver 535.104.05.01, release 1.37.2, 3.14.2", "driver 535.104.05.01, release 1.37.2, 3.14.2"),
        ("on 127.0.0.1, ::1 and 0.0.0.0", "on 127.0.0.1, ::1 and 0.0.0.0"),
        ("from fd00:10:96::a and [2001:db8::1]:443", "from [address] and [[address]]:443"),
        ("at 04:07:23.063, 12:34:56", "at 04:07:23.063, 12:34:56"),
        ("node ip-1-2-3.eu.compute.internal is ready", "node [host] is ready"),
        ("svc.ns.svc.cluster.local stays", "svc.ns.svc.cluster.local stays"),
        ("mail someone@acme.example now", "mail [e-mail] now"),
        ("arn:aws:iam::123456789012:role/node", "arn:aws:iam::[account]:role/node"),
        ("arn:aws-cn:eks:cn-north-1:123456789012:cluster/x", "arn:aws-cn:eks:cn-north-1:[account]:cluster/x"),
        ("arn:aws:s3:::bucket", "arn:aws:s3:::bucket"),
        ("123456789012.dkr.ecr.eu-west-1.amazonaws.com/x:1", "[account].dkr.ecr.eu-west-1.amazonaws.com/x:1"),
        (
            "azure:///subscriptions/0a1b2c3d-0000-1111-2222-333344445555/resourceGroups/g",
            "azure:///subscriptions/[account]/resourceGroups/g",
        ),
        ("gce://acme-prod/europe-west1-b/node-1", "gce://[account]/europe-west1-b/node-1"),
        ("projects/acme-prod/zones/europe-west1-b", "projects/[account]/zones/europe-west1-b"),
        ("see projects/readme.md and 123456789012 requests", "see projects/readme.md and 123456789012 requests"),
        ("sha256:abcdef0123, claim aic-x/claim-1", "sha256:abcdef0123, claim aic-x/claim-1"),
        ("Authorization: Bearer abcdefghijklmnopqrst", "Authorization: Bearer [redacted: bearer]"),
    ],
)
def test_what_is_private_goes_and_what_is_evidence_stays(text: str, shown: str) -> None:
    assert cut(text) == shown
    assert cut(shown) == shown


def test_a_real_runs_artifacts_are_packed_as_they_are(run: Run) -> None:
    package = pack(run, release=RELEASE, product=None)
    for name, data in package.artifacts.items():
        assert data == (run.folder / name).read_bytes()
    assert package.redactions == ()
    assert b"/root" not in package.readme
    assert package.readme.startswith(FIRST_LINE.encode())


def test_packing_twice_gives_the_same_bytes(run: Run, tmp_path: Path) -> None:
    copied = tmp_path / "another place"
    shutil.copytree(run.folder, copied)
    first, second = (pack(one, release=RELEASE, product=None) for one in (run, runs.read(copied)))
    assert (first.artifacts, first.readme, first.summary) == (second.artifacts, second.readme, second.summary)


def test_the_readme_repeats_the_run_without_where_it_was_made(run: Run) -> None:
    text = pack(run, release=RELEASE, product=None).readme.decode()
    (command,) = [line for line in text.splitlines() if line.startswith("ai-conformance run")]
    assert "--profile=lab" in command
    assert command.endswith("--output results/mine")
    assert "kubeconfig" not in command


def test_the_readme_names_no_server_and_no_file_of_the_one_who_ran_it(run: Run, tmp_path: Path) -> None:
    mine = ("--kubeconfig=/etc/k", "--prometheus-url=https://m.acme.example", "--image-registry=r.acme.example/x")
    record = dataclasses.replace(run.record, command=(*mine, "--prometheus-token-file=/etc/t", "--run=Gang"))
    files.write(tmp_path, {**artifacts.of(record), "run.json": run_json.run_text(record).encode()})
    text = pack(runs.read(tmp_path), release=RELEASE, product=None).readme.decode()
    (command,) = [line for line in text.splitlines() if line.startswith("ai-conformance run")]
    assert "acme" not in command
    assert "/etc" not in command
    assert "--prometheus-url=YOURS --image-registry=YOURS --prometheus-token-file=YOURS --run=Gang" in command


def test_private_things_in_a_log_are_taken_out_of_every_artifact(run: Run, tmp_path: Path) -> None:
    check = run.record.checks[7]
    private = dataclasses.replace(check, reason="10.1.2.3 and node a.internal and x@acme.example")
    record = dataclasses.replace(run.record, checks=(private,))
    files.write(tmp_path, {**artifacts.of(record), "run.json": run_json.run_text(record).encode()})
    package = pack(runs.read(tmp_path), release=RELEASE, product=None)
    for data in (*package.artifacts.values(), package.readme, package.summary.encode()):
        assert not any(one in data for one in (b"10.1.2.3", b"a.internal", b"x@acme"))
    assert (check.requirement, "address", 1) in package.redactions


@pytest.mark.parametrize("name", artifacts.NAMES)
def test_an_artifact_that_was_changed_is_refused(run: Run, tmp_path: Path, name: str) -> None:
    copied = shutil.copytree(run.folder, tmp_path / "run")
    path = copied / name
    path.write_bytes(path.read_bytes().replace(b"skip", b"pass", 1).replace(b"SKIP", b"PASS", 1))
    with pytest.raises(Refused, match="it was changed"):
        pack(runs.read(copied), release=RELEASE, product=None)
    path.unlink()
    with pytest.raises(Refused, match="there is no"):
        pack(runs.read(copied), release=RELEASE, product=None)


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.ERROR, Verdict.BLOCKED])
def test_a_run_with_a_failing_test_is_refused(run: Run, verdict: Verdict) -> None:
    failed = dataclasses.replace(run.record.checks[7], verdict=verdict)
    record = dataclasses.replace(run.record, checks=(failed,))
    with pytest.raises(Refused, match=f"gang_scheduling \\({verdict}\\)"):
        pack(Run(folder=run.folder, record=record), release=RELEASE, product=None)


def test_a_run_of_another_release_is_refused(run: Run) -> None:
    with pytest.raises(Refused, match=r"the folder of 1\.36"):
        pack(run, release=Release(1, 36), product=None)


def test_an_interrupted_run_and_a_folder_without_one_are_refused(run: Run, tmp_path: Path) -> None:
    with pytest.raises(SubmissionError, match="no run's folder"):
        runs.read(tmp_path)
    interrupted = dataclasses.replace(run.record, interrupted=True)
    (tmp_path / "run.json").write_text(run_json.run_text(interrupted))
    with pytest.raises(Refused, match="interrupted"):
        runs.read(tmp_path)


def test_a_file_that_says_something_else_is_not_replaced_unasked(tmp_path: Path) -> None:
    assert files.write(tmp_path, {"a": b"1", "b": b"1"}) == (tmp_path / "a", tmp_path / "b")
    assert files.write(tmp_path, {"a": b"1"}) == ()
    with pytest.raises(Refused, match="--force"):
        files.write(tmp_path, {"c": b"3", "a": b"2"})
    assert not (tmp_path / "c").exists()
    assert files.write(tmp_path, {"a": b"2"}, replace=True) == (tmp_path / "a",)
    (tmp_path / "link").symlink_to("a")
    with pytest.raises(Refused, match="no plain file"):
        files.write(tmp_path, {"link": b"3"}, replace=True)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a", "b", "link"]
