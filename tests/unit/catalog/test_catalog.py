"""The built-in catalog as other rooms ask it, and what a user's own file may add."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ai_conformance import catalog
from ai_conformance.catalog import CatalogError, Tried, UnknownName
from ai_conformance.catalog.hashes import description_sha256
from ai_conformance.model.releases import Release
from ai_conformance.model.requirements import Level

OWN = """\
vendors:
  - name: {name}
    title: Acme
    extended_resources: [{resource}]
    dra_drivers: [{driver}]
    device_globs: ["/dev/acme[0-9]*"]
    source: documentation of the vendor
    tried: none
"""


def own_file(folder: Path, *, name: str = "acme", resource: str = "acme.example/npu", driver: str = "npu.acme") -> Path:
    path = folder / "own.yaml"
    path.write_text(OWN.format(name=name, resource=resource, driver=driver), encoding="utf-8")
    return path


def test_there_are_sixteen_requirements_over_five_releases() -> None:
    facts = catalog.load()
    assert len(facts.all_requirements) == 16
    assert [str(release) for release in facts.releases] == ["1.33", "1.34", "1.35", "1.36", "1.37"]


def test_what_is_announced_is_kept_apart_from_what_is_out() -> None:
    facts = catalog.load()
    assert facts.announced_releases == (Release(1, 38),)
    assert facts.release("v1.38", announced=True) == Release(1, 38)
    announced = facts.requirement("driver_runtime_management")
    assert (announced.level_in(Release(1, 37)), announced.level_in(Release(1, 38))) == (Level.SHOULD, Level.MUST)


def test_every_released_level_has_the_hash_of_its_text() -> None:
    assert all(one.levels.keys() == one.description_sha256.keys() for one in catalog.load().all_requirements)


@pytest.mark.parametrize("text", ["1.38", "2.0", "one", "", "1.3.7"])
def test_a_release_without_a_checklist_is_answered_with_those_there_are(text: str) -> None:
    with pytest.raises(UnknownName, match=r"there is no release '.*1\.3[3-7]"):
        catalog.load().release(text)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    facts = catalog.load()
    with pytest.raises(UnknownName, match=r"no requirement 'gang_schedulin'; did you mean gang_scheduling\?"):
        facts.requirement("gang_schedulin")
    with pytest.raises(UnknownName, match=r"no image 'prob'; did you mean probe\?"):
        facts.image("prob")
    with pytest.raises(UnknownName, match=r"no vendor 'nvida'; did you mean nvidia\?"):
        facts.vendor("nvida")


def test_no_fact_about_real_hardware_claims_to_have_been_tried_on_it() -> None:
    assert {vendor.tried for vendor in catalog.load().vendors} == {Tried.LAB, Tried.NONE}


def test_a_vendor_of_ones_own_is_added(tmp_path: Path) -> None:
    facts = catalog.load((own_file(tmp_path),))
    assert facts.vendor("acme").extended_resources == ("acme.example/npu",)
    assert len(facts.vendors) == len(catalog.load().vendors) + 1


@pytest.mark.parametrize(
    ("conflict", "message"),
    [
        ({"name": "nvidia"}, "the vendor 'nvidia' is in the catalog already"),
        ({"resource": "amd.com/gpu"}, "the extended resource 'amd.com/gpu' is in the catalog already"),
        ({"driver": "gpu.intel.com"}, "the DRA driver 'gpu.intel.com' is in the catalog already"),
    ],
)
def test_a_name_that_is_taken_is_refused_with_both_places(
    tmp_path: Path, conflict: dict[str, str], message: str
) -> None:
    path = own_file(tmp_path, **conflict)
    with pytest.raises(CatalogError) as caught:
        catalog.load((path,))
    assert f"{path}:2:5: {message}, at " in str(caught.value)
    assert "vendors.yaml:" in str(caught.value)


def test_a_description_is_recognised_however_it_is_folded() -> None:
    assert description_sha256("  one\n   two\tthree ") == description_sha256("one two three")
    assert description_sha256("one two three") != description_sha256("One two three")


def test_importing_the_catalog_reads_and_imports_no_yaml() -> None:
    program = (
        "import sys, ai_conformance.catalog; print(any(n.split('.')[0] in ('ruamel', 'pydantic') for n in sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert answer.stdout.strip() == "False"


def test_the_version_changes_with_a_users_own_facts_and_not_with_where_they_are(tmp_path: Path) -> None:
    versions = []
    for folder, resource in (("a", "acme.example/npu"), ("b", "acme.example/npu"), ("c", "acme.example/tpu")):
        (tmp_path / folder).mkdir()
        versions.append(catalog.load((own_file(tmp_path / folder, resource=resource),)).version)
    assert versions[0] == versions[1]
    assert len({catalog.load().version, *versions}) == 3
