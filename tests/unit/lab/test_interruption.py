import dataclasses
from pathlib import Path
from typing import Any

import pytest

from ai_conformance.lab import bringing_up, network, registry, taking_down, watches
from ai_conformance.lab.options import LabOptions
from ai_conformance.lab.registry import LabRecord
from ai_conformance.lab.versions import RELEASES


@dataclasses.dataclass
class Release:
    release: Any = RELEASES[0]


@dataclasses.dataclass
class Prepared:
    binaries: Any = dataclasses.field(default_factory=Release)


def interrupted(*_arguments: Any, **_options: Any) -> None:
    raise KeyboardInterrupt


def test_an_interrupted_up_takes_down_what_it_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.setattr(network, "taken_networks", list)
    monkeypatch.setattr(network, "is_free", lambda addresses, taken: True)
    monkeypatch.setattr(watches, "require", lambda nodes: None)
    monkeypatch.setattr(bringing_up, "prepare", lambda options, progress: Prepared())
    monkeypatch.setattr(bringing_up, "_start", interrupted)
    taken_down: list[LabRecord] = []
    monkeypatch.setattr(taking_down, "take_down", taken_down.append)
    with pytest.raises(KeyboardInterrupt):
        bringing_up.up(LabOptions(name="one"))
    assert taken_down == [registry.get("one")]
