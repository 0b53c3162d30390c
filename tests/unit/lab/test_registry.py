from pathlib import Path

import pytest

from ai_conformance.lab import network, registry
from ai_conformance.lab.accelerators.flavours import Mechanism, Vendor
from ai_conformance.lab.errors import LabError, LabNotFoundError, LabUsageError
from ai_conformance.lab.options import LabOptions


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(network, "taken_networks", list)
    monkeypatch.setattr(network, "is_free", lambda addresses, taken: addresses.index != 2)


def test_labs_get_free_numbers_and_give_them_back() -> None:
    one = registry.claim(LabOptions(name="one"), state=None)
    two = registry.claim(LabOptions(name="two"), state=None)
    assert (one.index, two.index) == (1, 3)  # 2 is in use on the host
    registry.forget(one)
    assert registry.claim(LabOptions(name="three"), state=None).index == 1
    assert registry.names() == ["three", "two"]


def test_a_lab_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    options = LabOptions(name="one", nodes=3, mechanism=Mechanism.DRA, vendor=Vendor.NVIDIA)
    record = registry.claim(options, state=tmp_path / "elsewhere")
    assert registry.get("one") == record


def test_a_claim_without_its_description_can_still_be_taken_down() -> None:
    record = registry.claim(LabOptions(name="one"), state=None)
    (record.state / "lab.json").unlink()
    found = registry.get("one")
    assert (found.index, found.lab_id, found.phase) == (record.index, record.lab_id, registry.Phase.STARTING)


def test_an_unknown_lab_gets_the_nearest_name_offered() -> None:
    registry.claim(LabOptions(name="broken"), state=None)
    with pytest.raises(LabNotFoundError, match="--name broken"):
        registry.get("brokn")


def test_forgetting_a_lab_leaves_foreign_files_alone(tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "notes.txt").write_text("keep")
    registry.forget(registry.claim(LabOptions(name="one"), state=folder))
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_one_command_at_a_time_works_on_a_lab() -> None:
    with registry.working_on("one"), pytest.raises(LabError, match="working on lab 'one'"), registry.working_on("one"):
        pass


@pytest.mark.parametrize("folder", ["/run/lab", "/var/lib/lab", "/var/log/x/y"])
def test_a_state_folder_that_nodes_hide_is_refused(folder: str) -> None:
    with pytest.raises(LabUsageError, match="--state DIR"):
        registry.claim(LabOptions(name="one"), state=Path(folder))


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a_b", "a/b", "a" * 33])
def test_names_that_cannot_be_file_names_or_labels_are_refused(name: str) -> None:
    with pytest.raises(LabUsageError, match="cannot be a lab's name"):
        LabOptions(name=name)
