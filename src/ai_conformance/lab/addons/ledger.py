"""What an add-on has made in a lab, written down before it is made, so that it can be removed after a crash too."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ai_conformance.lab.files import read_json, write_json

FOLDER = "addons"


@dataclasses.dataclass(frozen=True, kw_only=True)
class ObjectReference:
    """An object by its name."""

    api_version: str
    kind: str
    namespace: str | None
    name: str


@dataclasses.dataclass(kw_only=True)
class AddonLedger:
    """The record of one add-on in one lab."""

    state: Path
    """The lab's folder."""
    name: str
    objects: list[ObjectReference] = dataclasses.field(default_factory=list)
    components: list[str] = dataclasses.field(default_factory=list)
    complete: bool = False
    """Whether the installation came to its end."""

    @property
    def file(self) -> Path:
        return self.state / FOLDER / f"{self.name}.json"

    @classmethod
    def read(cls, state: Path, name: str) -> AddonLedger:
        """The record, empty where there is none."""
        made = cls(state=state, name=name)
        if made.file.exists():
            data = read_json(made.file)
            made.objects = [ObjectReference(**one) for one in data["objects"]]
            made.components, made.complete = data["components"], data["complete"]
        return made

    def record(self, obj: Mapping[str, Any]) -> None:
        """An object that is about to be made."""
        metadata = obj["metadata"]
        reference = ObjectReference(
            api_version=obj["apiVersion"], kind=obj["kind"], namespace=metadata.get("namespace"), name=metadata["name"]
        )
        if reference not in self.objects:
            self.objects.append(reference)
            self.save()

    def record_component(self, component: str) -> None:
        """A process that is about to be started."""
        if component not in self.components:
            self.components.append(component)
            self.save()

    def finish(self) -> None:
        """The installation came to its end."""
        self.complete = True
        self.save()

    def save(self) -> None:
        objects = [dataclasses.asdict(one) for one in self.objects]
        write_json(self.file, {"objects": objects, "components": self.components, "complete": self.complete})

    def forget(self) -> None:
        """Nothing of it is left."""
        self.file.unlink(missing_ok=True)


def installed(state: Path) -> dict[str, bool]:
    """The add-ons of which there is something in the lab, and whether each is complete."""
    names = sorted(file.stem for file in (state / FOLDER).glob("[!.]*.json"))
    return {name: AddonLedger.read(state, name).complete for name in names}
