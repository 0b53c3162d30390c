"""What is made of a submission, from a program's copy with words of our own and a real run."""

from __future__ import annotations

from pathlib import Path

import pytest

import sample_program
from ai_conformance.model.records import RunRecord
from ai_conformance.model.releases import Release
from ai_conformance.submission import program_copy
from ai_conformance.submission.documents import Document
from ai_conformance.submission.making import init, runs
from ai_conformance.submission.program_copy import ProgramCopy
from samples import RUN

RELEASE = Release(1, 37)


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> ProgramCopy:
    folder: Path = sample_program.make(tmp_path_factory.mktemp("program") / "copy")
    return program_copy.open_copy(str(folder), tell=str)


@pytest.fixture(scope="session")
def checklist(program: ProgramCopy) -> Document:
    return init.template(program, release=RELEASE)


@pytest.fixture(scope="session")
def new(checklist: Document) -> Document:
    return init.new_product(checklist, release=RELEASE, product="acme", values=sample_program.ANSWERS)


@pytest.fixture(scope="session")
def run() -> runs.Run:
    return runs.read(RUN)


@pytest.fixture(scope="session")
def record(run: runs.Run) -> RunRecord:
    return run.record
