"""The page that leads from a run to a pull request, done as it stands there, with a real run of the lab.

Only what the page leaves to a person is done here by hand: the evidence for what no machine tests.
"""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path

import pytest

import documented
import sample_program
from ai_conformance.model.releases import Release
from ai_conformance.model.verdicts import ExitCode
from ai_conformance.submission import documents, folders, program_copy, strict
from ai_conformance.submission.documents import Draft
from ai_conformance.submission.findings import Severity
from ai_conformance.submission.product import FILE_NAME, Product, view
from samples import RUN

from .conftest import Call

PAGE = Path(__file__).resolve().parents[4] / "docs" / "submission.md"
COMMANDS = [command for block in documented.blocks(PAGE) for command in block]
FOLDER = Path("k8s-ai-conformance") / "v1.37" / "acme"


def attest(folder: Path) -> None:
    """As step 3 of the page says: status, a link and a note for every MUST that is still empty."""
    file = folder / FILE_NAME
    document = documents.read(file.read_bytes(), source=str(file))
    draft = Draft(document)
    for entry in view(document).entries:
        if entry.level == "MUST" and not entry.status:
            draft.set((*entry.path, "status"), "Implemented")
            draft.set((*entry.path, "evidence"), [f"https://docs.acme.example/{entry.id.replace('_', '-')}"])
            draft.set((*entry.path, "notes"), f"Described there for release 4.2.0: {entry.id.replace('_', ' ')}.")
    file.write_bytes(draft.finish().encode())


def laid_out(program: Path, target: Path) -> None:
    """The checklists where the program's repository has them."""
    (target / "docs").mkdir(parents=True)
    for path in [*program.glob("docs/AIConformance-*.yaml"), *program.glob("checklists/AIConformance-*.yaml")]:
        shutil.copy(path, target / "docs")


def done_as_written(program: Path, *, call: Call, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    laid_out(program, here / "k8s-ai-conformance")
    shutil.copytree(RUN, here / "results" / "mine")
    monkeypatch.chdir(here)
    for command in COMMANDS:
        exported = re.fullmatch(r"export (\w+)=\$\(realpath (\S+)\)", command)
        if exported:
            monkeypatch.setenv(exported[1], str((here / exported[2]).resolve()))
            continue
        program_name, group, name, *arguments = shlex.split(command)
        assert (program_name, group) == ("ai-conformance", "submission")
        if name == "pack":
            attest(FOLDER)
        said = call(name, *arguments)
        # The page's product has addresses that nobody can open, and the strict rules say so.
        wanted = ExitCode.NOT_CONFORMANT if name == "check" and "--rules" not in arguments else ExitCode.OK
        assert said.code == wanted, f"{command}\n{said.out}\n{said.err}"


def view_of(folder: Path) -> Product:
    return view(documents.read((folder / FILE_NAME).read_bytes(), source=FILE_NAME))


def test_the_page_leads_from_a_run_to_a_pull_request(
    tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = sample_program.make(tmp_path / "program")
    here = tmp_path / "here"
    here.mkdir()
    done_as_written(program, call=call, here=here, monkeypatch=monkeypatch)
    product = view_of(here / FOLDER)
    assert {one.id for one in product.entries if one.level == "MUST" and one.status != "Implemented"} == set()
    assert sorted(one.name for one in (here / FOLDER).iterdir()) == [
        FILE_NAME,
        "README.md",
        "e2e.log",
        "junit.xml",
        "results.json",
    ]
    request = (here / "pull-request.md").read_text()
    assert "| gang_scheduling | MUST | PASS |" in request
    # What is declared is what will be submitted, not what the file said before it was filled in.
    assert "| gang\\_scheduling | MUST | Implemented | 2 |" in request
    assert "| MUST | (empty) |" not in request
    checklist = program_copy.open_copy(str(program), tell=str).checklist(Release(1, 37))
    report = strict.check(folders.folder(here / FOLDER), checklist=checklist)
    errors = {one.rule for one in report.findings if one.severity is Severity.ERROR}
    assert errors == {"placeholder/example"}


def test_a_real_runs_artifacts_pass_the_official_rules_with_the_official_wording(
    program_dir: Path, tmp_path: Path, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    done_as_written(program_dir, call=call, here=tmp_path, monkeypatch=monkeypatch)
    assert (
        program_copy.differences(
            program_copy.open_copy(str(tmp_path / "k8s-ai-conformance"), tell=str).checklist(Release(1, 37))
        )
        == ()
    )


def test_every_command_of_the_way_is_on_the_page() -> None:
    assert [shlex.split(command)[2] for command in COMMANDS if command.startswith("ai-conformance")] == [
        "init",
        "fill",
        "pack",
        "check",
        "check",
        "diff",
    ]
