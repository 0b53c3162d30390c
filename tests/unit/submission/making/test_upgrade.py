"""To a next release goes what can still be read; what showed the old release has to be shown again, and is listed."""

from __future__ import annotations

import sample_program
from ai_conformance.model.releases import Release
from ai_conformance.submission.documents import Document, Draft, parse
from ai_conformance.submission.making import init
from ai_conformance.submission.making.upgrade import Kind, Upgraded, upgrade
from ai_conformance.submission.product import view
from ai_conformance.submission.program_copy import ProgramCopy

LINK = "https://docs.acme.example/gang"


def old(program: ProgramCopy, **entries: tuple[str, list[str], str]) -> Document:
    """A file of 1.35 with some entries filled: (status, evidence, notes)."""
    checklist = init.template(program, release=Release(1, 35))
    values = {
        **sample_program.ANSWERS,
        "k8sConformanceUrl": "https://github.com/cncf/k8s-conformance/tree/master/v1.35/acme",
    }
    made = init.new_product(checklist, release=Release(1, 35), product="acme", values=values)
    draft = Draft(made)
    for entry in view(made).entries:
        if entry.id in entries:
            status, evidence, notes = entries[entry.id]
            draft.set((*entry.path, "status"), status)
            draft.set((*entry.path, "evidence"), evidence)
            draft.set((*entry.path, "notes"), notes)
    return draft.finish()


def carried(program: ProgramCopy, document: Document, release: Release = Release(1, 37)) -> Upgraded:  # noqa: B008
    return upgrade(document, init.template(program, release=release), release=release, product="acme")


def kinds(result: Upgraded) -> dict[str, Kind]:
    return {one.subject: one.kind for one in result.steps}


def test_metadata_comes_along_and_follows_the_release(program: ProgramCopy) -> None:
    product = view(carried(program, old(program)).document)
    assert {key: product.text(key) for key in sample_program.ANSWERS} == sample_program.ANSWERS
    assert product.text("kubernetesVersion") == "v1.37"
    assert product.get("repoUrl") is not None


def test_metadata_with_its_second_names_comes_along(program: ProgramCopy) -> None:
    document = parse(b"metadata: {platform_name: Acme, vendor_name: Acme Inc., other: x}\nspec: {}\n", source="x")
    result = carried(program, document)
    found = view(result.document)
    assert (found.text("platformName"), found.text("vendorName")) == ("Acme", "Acme Inc.")
    assert [one.subject for one in result.steps if one.kind is Kind.REMOVED] == ["other"]


def test_links_and_notes_are_carried_with_their_status(program: ProgramCopy) -> None:
    result = carried(program, old(program, gang_scheduling=("Implemented", [LINK], "With Kueue.")))
    entry = view(result.document).entry("gang_scheduling")
    assert entry is not None
    assert (entry.status, [one.text for one in entry.evidence], entry.notes) == ("Implemented", [LINK], "With Kueue.")
    assert kinds(result)["gang_scheduling"] is Kind.CARRIED


def test_files_and_artifacts_of_the_old_release_stay_behind(program: ProgramCopy) -> None:
    result = carried(program, old(program, gang_scheduling=("Implemented", ["file://e2e.log#TestX", "a.md"], "Ours.")))
    entry = view(result.document).entry("gang_scheduling")
    assert entry is not None
    assert (entry.status, entry.evidence, entry.notes) == ("", (), "Ours.")
    step = next(one for one in result.steps if one.subject == "gang_scheduling")
    assert step.kind is Kind.TO_PROVE
    assert "file://e2e.log#TestX, a.md" in step.sentence


def test_implemented_does_not_outlive_a_change_of_the_requirement(program: ProgramCopy) -> None:
    document = old(program, gang_scheduling=("Implemented", [LINK], ""))
    draft, entry = Draft(document), view(document).entry("gang_scheduling")
    assert entry is not None
    draft.set((*entry.path, "description"), "Something else was asked for.")
    result = carried(program, draft.finish())
    found = view(result.document).entry("gang_scheduling")
    assert found is not None
    assert (found.status, len(found.evidence)) == ("", 1)
    assert "its text has changed" in next(one.sentence for one in result.steps if one.subject == "gang_scheduling")


def test_a_reason_about_the_environment_is_carried(program: ProgramCopy) -> None:
    result = carried(program, old(program, pod_autoscaling=("N/A", [], "No such machine.")))
    entry = view(result.document).entry("pod_autoscaling")
    assert entry is not None
    assert (entry.status, entry.notes) == ("N/A", "No such machine.")


def test_requirements_come_and_go_with_the_checklist(program: ProgramCopy) -> None:
    result = carried(program, old(program, dra_support=("Implemented", [LINK], "")))
    assert kinds(result)["dra_support"] is Kind.REMOVED
    assert kinds(result)["workload_sandboxing"] is Kind.NEW
    checklist = view(init.template(program, release=Release(1, 37)))
    assert [one.id for one in view(result.document).entries] == [one.id for one in checklist.entries]


def test_a_should_that_became_a_must_is_named(program: ProgramCopy) -> None:
    document = init.template(program, release=Release(1, 33))
    result = carried(program, document, release=Release(1, 34))
    step = next(one for one in result.steps if one.subject == "dra_support")
    assert step.kind is Kind.TO_PROVE
    assert "it is MUST now and was SHOULD" in step.sentence
