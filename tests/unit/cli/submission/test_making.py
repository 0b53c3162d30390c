"""From an empty folder to a filled one, and every mistake on the way as one sentence with what to do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ai_conformance.model.verdicts import ExitCode
from samples import RUN

from .conftest import Call

LANDSCAPE = """landscape:
  - category:
    name: Platform
    subcategories: [{{subcategory: , name: Certified Kubernetes - AI Platform, items: []}}]
  - category:
    name: CNCF Members
    subcategories: [{{subcategory: , name: Silver, items: [{{item: , name: {name}}}]}}]
"""


def test_help_lists_every_command_and_imports_none(call: Call) -> None:
    out = call("--help").out
    for name in ("init", "upgrade", "fill", "check", "pack", "diff", "landscape", "status"):
        assert f"  {name}  " in out


def test_an_unknown_command_is_answered_with_the_nearest(call: Call) -> None:
    said = call("fil")
    assert said.code == ExitCode.USAGE
    assert "did you mean fill" in said.err


def test_a_folder_is_begun_packed_filled_and_compared(acme: Path, tmp_path: Path, call: Call) -> None:
    begun = tmp_path / "v1.37" / "begun"
    shutil.copytree(acme, begun)
    packed = call("pack", acme, "--run", RUN, "--summary", tmp_path / "pr.md")
    assert packed.code == ExitCode.OK, packed.err
    assert {one.name for one in acme.iterdir()} == {"PRODUCT.yaml", "README.md", "e2e.log", "junit.xml", "results.json"}
    assert "| gang_scheduling | MUST | PASS |" in (tmp_path / "pr.md").read_text()
    filled = call("fill", acme, "--run", RUN)
    assert filled.code == ExitCode.OK, filled.err
    assert "Nothing to change" in call("fill", acme, "--run", RUN).out
    differing = call("diff", begun, acme, "--output-format", "json", "--exit-code")
    assert differing.code == ExitCode.NOT_CONFORMANT
    changes = json.loads(differing.out)["changes"]
    assert {one["subject"] for one in changes} == {"gang_scheduling", "secure_accelerator_access"}
    assert call("diff", acme, acme, "--exit-code").code == ExitCode.OK


def test_a_dry_run_writes_nothing(acme: Path, call: Call) -> None:
    before = (acme / "PRODUCT.yaml").read_bytes()
    assert "would change" in call("fill", acme, "--run", RUN, "--dry-run").out
    assert (acme / "PRODUCT.yaml").read_bytes() == before


def test_a_readme_of_somebody_else_stays(acme: Path, call: Call) -> None:
    (acme / "README.md").write_text("Ours.\n")
    said = call("pack", acme, "--run", RUN)
    assert said.code == ExitCode.OK
    assert "stays" in said.err
    assert (acme / "README.md").read_text() == "Ours.\n"


def test_artifacts_of_another_run_are_replaced_only_by_force(acme: Path, call: Call) -> None:
    (acme / "e2e.log").write_text("of another run")
    said = call("pack", acme, "--run", RUN)
    assert (said.code, "--force" in said.err) == (ExitCode.USAGE, True)
    assert not (acme / "junit.xml").exists()
    assert call("pack", acme, "--run", RUN, "--force").code == ExitCode.OK


def test_nothing_is_begun_over_what_is_there(acme: Path, program: Path, call: Call) -> None:
    before = (acme / "PRODUCT.yaml").read_bytes()
    said = call("init", acme, "--program", program, "--no-input")
    assert (said.code, "is there already" in said.err) == (ExitCode.USAGE, True)
    assert (acme / "PRODUCT.yaml").read_bytes() == before


def test_a_product_is_carried_to_the_next_release(tmp_path: Path, program: Path, call: Call) -> None:
    old = tmp_path / "v1.36" / "acme"
    assert call("init", old, "--program", program, "--no-input").code == ExitCode.OK
    before = (old / "PRODUCT.yaml").read_bytes()
    said = call("upgrade", "--from", old, "--to", "1.37", "--program", program)
    assert said.code == ExitCode.OK, said.err
    assert "workload_sandboxing" in said.out
    assert "kubernetesVersion: v1.37" in (tmp_path / "v1.37" / "acme" / "PRODUCT.yaml").read_text()
    assert (old / "PRODUCT.yaml").read_bytes() == before
    again = call("upgrade", "--from", old, "--to", "1.37", "--program", program)
    assert (again.code, "is there already" in again.err) == (ExitCode.USAGE, True)


def test_the_vendor_is_looked_up_among_the_members_of_a_landscape(
    acme: Path, program: Path, tmp_path: Path, call: Call
) -> None:
    file = tmp_path / "landscape.yml"
    wanted = ("check", acme, "--program", program, "--rules", "upstream", "--rules", "strict")
    assert call(*wanted).out.count("is a member of the CNCF") == 2
    for name, rules in (("Acme (member)", set()), ("ACME (member)", {"upstream", "strict"})):
        file.write_text(LANDSCAPE.format(name=name))
        said = call(*wanted, "--landscape", file)
        assert "is a member of the CNCF" not in said.out
        found = json.loads(call(*wanted, "--landscape", file, "--output-format", "json").out)["reports"]
        assert {
            one["rules"] for one in found if any(each["rule"] == "upstream/member" for each in one["findings"])
        } == rules
    file.write_text("landscape: []")
    assert call(*wanted, "--landscape", file).code == ExitCode.USAGE


def test_a_run_that_is_a_pipe_is_refused_and_not_waited_for(acme: Path, tmp_path: Path, call: Call) -> None:
    os.mkfifo(tmp_path / "run.json")
    for name in ("pack", "fill"):
        said = call(name, acme, "--run", tmp_path)
        assert (said.code, "run.json is a pipe" in said.err) == (ExitCode.USAGE, True)


def test_a_place_where_no_folder_can_be_is_told(program: Path, tmp_path: Path, call: Call) -> None:
    (tmp_path / "v1.37").write_text("")
    said = call("init", tmp_path / "v1.37" / "acme", "--program", program, "--no-input")
    assert (said.code, "Not a directory" in said.err) == (ExitCode.USAGE, True)


def test_without_a_folder_the_place_follows_from_the_release_and_from_where_one_is(
    program: Path, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, folder in (("Acme Cloud (EU)", "acme-cloud-eu"), ("", "my-product")):
        options = ("--release", "1.37", "--program", program, "--no-input", f"--platform-name={name}")
        assert call("init", *options).code == ExitCode.OK
        assert (tmp_path / "v1.37" / folder / "PRODUCT.yaml").is_file()
    monkeypatch.chdir(tmp_path / "v1.37" / "my-product")
    assert call("fill", "--run", RUN).code == ExitCode.OK
    assert call("pack", "--run", RUN).code == ExitCode.OK
    assert len(list(Path().iterdir())) == 5


def test_a_full_disk_is_no_bug(acme: Path, program: Path) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "ai_conformance", "submission", "check", acme, "--program", program]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == ExitCode.NOT_EVALUATED
    assert done.stderr == "Error: the output cannot be written: No space left on device\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("init", "v1.37/x", "--program", "/nowhere"), "no such folder"),
        (("init", "x", "--program", "{program}"), "give --release"),
        (("init", "v1.36/x", "--release", "1.37", "--program", "{program}"), "folder of 1.36"),
        (("init", "v1.99/x", "--program", "{program}"), "no checklist of release 1.99; it has: 1.33"),
        (("init", "v1.37/x", "--release", "x", "--program", "{program}"), "'x' is not a Kubernetes release"),
        (("init", "--program", "{program}"), "name a folder, such as v1.37/acme"),
        (("init", "v1.37/x"), "Missing option '--program'"),
        (("fill", "v1.37/x", "--run", "{run}"), "there is no v1.37/x"),
        (("fill", "{acme}", "--run", "/nowhere"), "is no run's folder"),
        (("pack", "x", "--run", "{run}"), "in no folder of a release"),
        (("upgrade", "--from", "{run}", "--to", "1.37", "--program", "{program}"), "`submission init` begins one"),
        (("diff", "{acme}", "{run}"), "there is no {run}/PRODUCT.yaml"),
        (("pack", "v1.36/x", "--run", "{run}"), "run --release 1.36"),
        (("diff", "{acme}", "/nowhere"), "there is no /nowhere"),
        (("upgrade", "--from", "{acme}", "--to", "1.37", "--program", "{program}"), "is of 1.37 already"),
        (("upgrade", "--from", "{acme}", "--to", "1.37", "--into", "v1.36/x", "--program", "{program}"), "of 1.36"),
    ],
)
def test_a_mistake_is_one_sentence(
    arguments: tuple[str, ...],
    words: str,
    *,
    acme: Path,
    program: Path,
    tmp_path: Path,
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    said = call(*(one.format(program=program, run=RUN, acme=acme) for one in arguments))
    assert said.code == ExitCode.USAGE
    assert words.format(run=RUN) in said.err
    assert sorted(one.name for one in tmp_path.iterdir()) == ["v1.37"]


def test_the_questions_say_what_each_field_wants(
    tmp_path: Path, program: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter(["Acme", *[""] * 20])
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("click.termui.visible_prompt_func", lambda prompt: next(answers))
    said = call("init", tmp_path / "v1.37" / "acme", "--program", program)
    assert said.code == ExitCode.OK, said.err
    text = (tmp_path / "v1.37" / "acme" / "PRODUCT.yaml").read_text()
    assert 'platformName: "Acme"' in text
    assert "repoUrl" not in text
    assert 'k8sConformanceUrl: "https://github.com/cncf/k8s-conformance/tree/master/v1.37/acme"' in text
