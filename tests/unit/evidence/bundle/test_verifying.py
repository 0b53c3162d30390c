"""Of a bundle it is said exactly what was altered, added and removed, whether it is a file or was unpacked."""

from __future__ import annotations

import dataclasses
import hashlib
import os
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

import sample_runs
from ai_conformance.evidence.bundle import limits, making, manifest, names, signing, statement, verifying
from ai_conformance.evidence.bundle.errors import BundleError, Unreadable
from ai_conformance.evidence.bundle.signatures import Asked
from ai_conformance.model.verdicts import ExitCode
from ai_conformance.reports import run_json

from .conftest import KEY, OTHER_KEY, a_record, leave, members, packed

POD = "run/evidence/secure_accelerator_access/PositiveAccessTest/pod.json"

MADE = ("e2e.log", "junit.xml", "results.json", "report.md")


def told(path: Path, *asked: Asked) -> list[str]:
    """The findings, without what follows the path."""
    report = verifying.verify(path, asked=asked)
    assert report.code is (ExitCode.NOT_CONFORMANT if report.findings else ExitCode.OK)
    return [f"{one.kind} {one.path}" for one in report.findings]


@pytest.fixture
def unpacked(signed: Path, tmp_path: Path) -> Path:
    """The signed bundle, unpacked as a user would."""
    with tarfile.open(signed) as archive:
        archive.extractall(tmp_path / "unpacked", filter="data")
    return tmp_path / "unpacked"


def test_of_a_bundle_as_it_was_packed_nothing_is_told(bundle: Path, run: Path) -> None:
    report = verifying.verify(bundle)
    assert (report.findings, report.code, report.signers) == ((), ExitCode.OK, ())
    assert report.files == sum(1 for path in run.rglob("*") if path.is_file())


def test_nor_of_one_that_was_unpacked(unpacked: Path) -> None:
    assert told(unpacked) == []
    for path in unpacked.rglob("*"):
        path.chmod(0o700)
        os.utime(path, (1, 1))
    (unpacked / "run" / "an empty folder").mkdir()
    assert told(unpacked) == []


def test_what_happened_to_several_files_is_told_of_each(signed: Path) -> None:
    files = dict(members(signed.read_bytes()))
    files[POD] += b" "
    del files["run/journal.jsonl"]
    files["run/evidence/more"] = b"x"
    signed.write_bytes(packed(sorted(files.items(), key=lambda one: names.order(one[0]))))
    assert told(signed) == ["added run/evidence/more", f"altered {POD}", "removed run/journal.jsonl"]


def test_the_same_is_told_of_a_folder(unpacked: Path) -> None:
    with (unpacked / POD).open("a") as file:
        file.write(" ")
    (unpacked / "run" / "journal.jsonl").unlink()
    (unpacked / "run" / "evidence" / "more").write_text("x")
    (unpacked / "notes.txt").write_text("x")
    assert sorted(told(unpacked)) == [
        "added notes.txt",
        "added run/evidence/more",
        f"altered {POD}",
        "removed run/journal.jsonl",
    ]


def test_where_bytes_were_cut_out_of_a_file_the_next_one_is_found_all_the_same(bundle: Path) -> None:
    data = bundle.read_bytes()
    at = data.index(b"RESULT: seen=1")
    bundle.write_bytes(data[:at] + data[at + 3 :])
    assert set(told(bundle)) == {f"altered {POD.replace('pod.json', 'probe.log')}"}


@pytest.mark.parametrize("target", ["/etc/passwd", "e2e.log"])
def test_a_link_in_a_folder_is_told_and_not_followed(unpacked: Path, target: str) -> None:
    path = unpacked / "run" / "junit.xml"
    path.unlink()
    path.symlink_to(target)
    (unpacked / "run" / "extra").symlink_to(target)
    os.mkfifo(unpacked / "run" / "pipe")
    assert sorted(told(unpacked)) == ["added run/extra", "added run/pipe", "altered run/junit.xml"]


def test_of_the_digests_both_are_told(bundle: Path) -> None:
    files = dict(members(bundle.read_bytes()))
    old = hashlib.sha256(files[POD]).hexdigest()
    files[POD] = b"other"
    bundle.write_bytes(packed(files.items()))
    (one,) = verifying.verify(bundle).findings
    assert one.sentence == f"its SHA-256 is {hashlib.sha256(b'other').hexdigest()}, not {old}"


def rewritten(bundle: Path, record: Callable[[bytes], bytes] = lambda data: data, **changes: bytes) -> None:
    """Make a bundle of changed files as someone would who knows how, with manifest and statement to fit."""
    files = {path: data for path, data in members(bundle.read_bytes()) if path.startswith(names.RUN)}
    files["run/run.json"] = record(files["run/run.json"])
    files.update({f"run/{name.replace('_', '.')}": data for name, data in changes.items()})
    digests = {path: hashlib.sha256(data).hexdigest() for path, data in files.items()}
    said = statement.text(statement.of(run_json.read_run(files["run/run.json"]), digests=digests))
    own = [(names.MANIFEST, manifest.text(digests).encode()), (names.STATEMENT, said.encode())]
    bundle.write_bytes(packed([*own, *sorted(files.items())]))


@pytest.mark.parametrize("name", ["e2e_log", "junit_xml", "results_json", "report_md"])
def test_artifacts_that_do_not_say_what_the_record_says_are_found_though_all_digests_fit(
    bundle: Path, name: str
) -> None:
    rewritten(bundle, **{name: b"PASS\n"})
    assert told(bundle) == [f"altered run/{name.replace('_', '.')}"]


def test_a_record_that_was_changed_with_all_digests_is_not_that_of_the_artifacts(bundle: Path) -> None:
    rewritten(bundle, lambda data: data.replace(b"NOT_TESTED", b"PASS", 1))
    assert set(told(bundle)) == {
        f"altered run/{name}" for name in ("e2e.log", "junit.xml", "results.json", "report.md")
    }


def test_what_another_version_wrote_in_other_words_cannot_be_judged(bundle: Path) -> None:
    rewritten(bundle, lambda data: data.replace(a_record().tool_version.encode(), b"99.0.0", 1), e2e_log=b"PASS\n")
    report = verifying.verify(bundle)
    assert report.code is ExitCode.NOT_EVALUATED
    assert {one.path for one in report.findings} == {f"run/{name}" for name in MADE}
    assert str(report.findings[0]) == (
        "unjudged: run/e2e.log: it does not say what run.json says: it was changed, or version 99.0.0, which wrote it, "
        "has to be the one that looks at it"
    )


def test_a_record_of_a_version_to_come_cannot_be_judged(bundle: Path) -> None:
    files = dict(members(bundle.read_bytes()))
    new = files["run/run.json"].replace(b'"schema_version": 1', b'"schema_version": 2')
    old, digest = (hashlib.sha256(one).hexdigest().encode() for one in (files["run/run.json"], new))
    files["run/run.json"] = new
    for path in (names.MANIFEST, names.STATEMENT):
        files[path] = files[path].replace(old, digest)
    bundle.write_bytes(packed(files.items()))
    report = verifying.verify(bundle)
    assert report.code is ExitCode.NOT_EVALUATED
    assert "schema_version 2" in str(report.findings[0])


def test_a_statement_that_says_another_verdict_than_the_record_is_found(bundle: Path) -> None:
    files = dict(members(bundle.read_bytes()))
    files[names.STATEMENT] = files[names.STATEMENT].replace(b'"verdict": "NOT_TESTED"', b'"verdict": "PASS"', 1)
    bundle.write_bytes(packed(files.items()))
    (one,) = verifying.verify(bundle).findings
    assert one.path == names.STATEMENT
    assert one.sentence == 'predicate.verdicts[2].verdict is "PASS", and run.json says "NOT_TESTED"'


@pytest.mark.parametrize("name", ["e2e.log", "junit.xml", "results.json"])
def test_a_bundle_that_never_had_an_artifact_lacks_it(bundle: Path, name: str) -> None:
    files = {path: data for path, data in members(bundle.read_bytes()) if path not in (f"run/{name}", names.MANIFEST)}
    digests = {path: hashlib.sha256(data).hexdigest() for path, data in files.items() if path.startswith(names.RUN)}
    said = statement.text(statement.of(run_json.read_run(files["run/run.json"]), digests=digests))
    files[names.STATEMENT] = said.encode()
    bundle.write_bytes(packed([(names.MANIFEST, manifest.text(digests).encode()), *files.items()]))
    assert told(bundle) == [f"removed run/{name}"]


def test_where_two_of_three_agree_the_third_is_told(bundle: Path) -> None:
    files = dict(members(bundle.read_bytes()))
    digest = hashlib.sha256(files[POD]).hexdigest().encode()
    for name in (names.MANIFEST, names.STATEMENT):
        changed = {**files, name: files[name].replace(digest, b"0" * 64)}
        bundle.write_bytes(packed(changed.items()))
        assert told(bundle) == [f"altered {name}"]
        assert f"of {POD}, which has {digest.decode()}" in str(verifying.verify(bundle).findings[0])


def test_either_list_of_the_digests_is_enough_to_tell(bundle: Path) -> None:
    files = dict(members(bundle.read_bytes()))
    files[POD] = b"other"
    for name in (names.MANIFEST, names.STATEMENT):
        bundle.write_bytes(packed((path, data) for path, data in files.items() if path != name))
        assert sorted(told(bundle)) == sorted([f"removed {name}", f"altered {POD}"])


def test_a_list_may_not_name_what_no_bundle_has(bundle: Path) -> None:
    files = dict(members(bundle.read_bytes()))
    for path in ("../outside", "/etc/passwd", "beside.txt"):
        digests = manifest.read(files[names.MANIFEST])
        changed = {**files, names.MANIFEST: manifest.text({**digests, path: "0" * 64}).encode()}
        bundle.write_bytes(packed(changed.items()))
        assert f"altered {names.MANIFEST}" in told(bundle)


def test_without_both_lists_nothing_can_be_told(bundle: Path, run: Path) -> None:
    bundle.write_bytes(packed(one for one in members(bundle.read_bytes()) if one[0].startswith(names.RUN)))
    with pytest.raises(Unreadable, match="is no bundle, or damaged beyond telling"):
        verifying.verify(bundle)
    with pytest.raises(Unreadable, match="Pack a run with `ai-conformance bundle create`"):
        verifying.verify(run)


def test_the_keys_that_were_asked_for_have_to_have_signed(signed: Path) -> None:
    own, other = (Asked(name=name, key=key.public_key()) for name, key in (("a.pem", KEY), ("b.pem", OTHER_KEY)))
    assert verifying.verify(signed, asked=[own]).vouched == ("a.pem",)
    assert told(signed, own, other) == [f"unsigned {signed}"]
    signing.sign(signed, OTHER_KEY)
    assert verifying.verify(signed, asked=[own, other]).vouched == ("a.pem", "b.pem")


def test_a_signature_of_another_statement_vouches_for_nothing(signed: Path, tmp_path: Path) -> None:
    record = dataclasses.replace(a_record(), run_id="other")
    making.create(leave(tmp_path / "other", record), tmp_path / "other.tar", replace=False)
    theirs = [one for one in members(signed.read_bytes()) if names.is_of_bundle(one[0]) and one[0] != names.MANIFEST]
    own = [one for one in members((tmp_path / "other.tar").read_bytes()) if one[0] != names.STATEMENT]
    files = [*own, *(one for one in theirs if one[0] != names.STATEMENT)]
    files += [one for one in members((tmp_path / "other.tar").read_bytes()) if one[0] == names.STATEMENT]
    moved = tmp_path / "moved.tar"
    moved.write_bytes(packed(sorted(files, key=lambda one: names.order(one[0]))))
    report = verifying.verify(moved, asked=[Asked(name="a.pem", key=KEY.public_key())])
    assert report.vouched == report.signers == ()
    assert [f"{one.kind} {one.path}" for one in report.findings] == [
        f"altered {names.STATEMENT}",
        f"unsigned {moved}",
    ]


def test_a_bundle_whose_signatures_were_taken_away_is_sound_and_signed_by_nobody(signed: Path) -> None:
    kept = [
        one for one in members(signed.read_bytes()) if not one[0].startswith(names.KEYS) and one[0] != names.ENVELOPE
    ]
    signed.write_bytes(packed(kept))
    assert told(signed) == []
    assert told(signed, Asked(name="a.pem", key=KEY.public_key())) == [f"unsigned {signed}"]


def test_evidence_that_the_record_names_and_the_run_did_not_have_is_told(bundle: Path, tmp_path: Path) -> None:
    assert verifying.verify(bundle).missing_evidence == ()
    run = leave(tmp_path / "run", a_record(sample_runs.hostile_run()))
    shutil.rmtree(run / "evidence")
    making.create(run, tmp_path / "x.tar", replace=False)
    assert verifying.verify(tmp_path / "x.tar").missing_evidence == (POD.removeprefix("run/"),)


def test_what_is_not_there_is_a_mistake_of_the_user(tmp_path: Path) -> None:
    for path, words in ((tmp_path / "no", "No such file"), (Path("/dev/null"), "is no file")):
        with pytest.raises(BundleError, match=words) as caught:
            verifying.verify(path)
        assert caught.value.code is ExitCode.USAGE


def test_a_folder_beyond_the_limits_is_not_judged(unpacked: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_BYTES", 20_000)
    with pytest.raises(Unreadable, match="more than 20000 bytes"):
        verifying.verify(unpacked)
