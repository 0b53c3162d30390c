"""This tool as an image in a lab: all that a run needs and nothing that only a lab or a test does."""

from __future__ import annotations

import io
import json
import re
import tarfile
import tomllib
from pathlib import Path

import pytest

from ai_conformance.lab import images, tool_image
from ai_conformance.lab.addons import python_image

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def image(monkeypatch: pytest.MonkeyPatch) -> images.Image:
    """The image without the interpreter and the libraries, which take seconds to copy."""
    monkeypatch.setattr(python_image, "contents", lambda _names: [])
    return tool_image.image("registry.example.com/ai-conformance:0.1.0")


def test_what_a_run_requires_is_needed_with_all_that_this_requires_in_turn() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    direct = {tool_image._normal(re.split("[>=]", one)[0]) for one in project["dependencies"]}
    needed = tool_image.needed()
    assert direct <= needed
    assert {"yarl", "pydantic-core", "markupsafe", "cffi"} <= needed
    assert not {"grpcio", "pytest", "hypothesis", "colorama"} & needed


def test_all_of_the_package_is_in_it_with_its_data_and_without_bytecode(image: images.Image) -> None:
    paths = {entry.path for entry in image.entries}
    site = f"{python_image.SITE}/ai_conformance"
    assert f"{site}/cli/in_cluster.py" in paths
    assert f"{site}/catalog/data/requirements.yaml" in paths
    assert f"{site}/reports/html/templates/report.html.j2" in paths
    assert not any("__pycache__" in path or path.endswith(".pyc") for path in paths)


def test_the_command_is_found_by_its_name_and_runs_as_in_the_containerfile(image: images.Image) -> None:
    (launcher,) = [entry for entry in image.entries if entry.path.endswith("bin/ai-conformance")]
    environment = dict(image.environment)
    assert f"/{Path(launcher.path).parent}" in environment["PATH"].split(":")
    assert launcher.mode & 0o111
    assert launcher.content is not None
    assert launcher.content.startswith(f"#!{python_image.PYTHON}\n".encode())
    assert f"USER {image.user}" in (ROOT / "Containerfile").read_text()


def test_variables_are_in_the_config_and_an_image_without_any_has_its_path(image: images.Image) -> None:
    plain = images.Image(tag="a/b:1", entries=())
    with tarfile.open(fileobj=io.BytesIO(images.docker_archive([image, plain]))) as archive:

        def read(name: str) -> bytes:
            file = archive.extractfile(name)
            assert file is not None
            return file.read()

        first, second = json.loads(read("manifest.json"))
        config = json.loads(read(first["Config"]))["config"]
        assert first["RepoTags"] == ["registry.example.com/ai-conformance:0.1.0"]
        assert config["User"] == "65532:65532"
        assert f"PYTHONPATH=/{python_image.SITE}" in config["Env"]
        assert [one for one in config["Env"] if one.startswith("PATH=")] == [f"PATH=/usr/local/bin:{images.PATH}"]
        assert json.loads(read(second["Config"]))["config"]["Env"] == [f"PATH={images.PATH}"]
