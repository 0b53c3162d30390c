"""The Containerfile, as far as it can be tried without a builder: read by BuildKit's own parser, step by step."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import dockerfile
import pytest
import yaml
from click.testing import CliRunner

from ai_conformance.cli.manifest import manifest

ROOT = Path(__file__).resolve().parents[3]
STEPS = dockerfile.parse_file(str(ROOT / "Containerfile"))
IGNORED = ROOT / ".containerignore"


def values(instruction: str) -> list[tuple[str, ...]]:
    return [step.value for step in STEPS if step.cmd.upper() == instruction]


def test_both_stages_have_the_same_base_named_by_version() -> None:
    ((argument,),) = values("ARG")
    name, _, base = argument.partition("=")
    assert re.fullmatch(r"docker\.io/library/python:3\.\d+-slim-\w+", base)
    assert {stage[0] for stage in values("FROM")} == {f"${{{name}}}"}, "an environment moves only to the same Python"


def test_the_python_of_the_image_is_one_that_the_package_allows() -> None:
    version = re.search(r"python:(3\.\d+)", (ROOT / "Containerfile").read_text())
    assert version
    assert f"Programming Language :: Python :: {version[1]}" in (ROOT / "pyproject.toml").read_text()


def test_everything_that_is_copied_is_there_and_is_sent_to_the_builder() -> None:
    copied = [step.value[:-1] for step in STEPS if step.cmd.upper() == "COPY" and not step.flags]
    sources = [source.rstrip("/") for sources in copied for source in sources]
    sent = [line[1:].rstrip("/") for line in IGNORED.read_text().splitlines() if line.startswith("!")]
    assert sorted(sources) == sorted(sent)
    assert all((ROOT / source).exists() for source in sources)


def test_both_builders_are_sent_the_same() -> None:
    assert (ROOT / "Containerfile.dockerignore").read_text() == IGNORED.read_text()


def test_what_one_stage_takes_from_another_is_made_there() -> None:
    ((taken, flags),) = [(step.value, step.flags) for step in STEPS if step.cmd.upper() == "COPY" and step.flags]
    names = [stage[2] for stage in values("FROM") if len(stage) == 3]
    assert flags == tuple(f"--from={name}" for name in names)
    assert any(f"venv {taken[0]}" in run[0] for run in values("RUN"))


def test_only_files_with_a_digest_of_the_lock_are_installed() -> None:
    installs = [shlex.split(run[0]) for run in values("RUN") if "pip install" in run[0]]
    for words in installs:
        if "-r" in words:
            assert words[words.index("-r") + 1] == "requirements.lock"
            assert {"--require-hashes", "--only-binary=:all:"} <= set(words)
        else:
            assert {"--no-deps", "--no-build-isolation"} <= set(words)
    assert len(installs) == 2


def test_the_lock_has_what_the_package_needs_and_the_versions_that_are_tested() -> None:
    def pins(name: str) -> dict[str, str]:
        found = re.findall(r"^([a-z0-9-]+)==([^ ;\\]+)", (ROOT / name).read_text(), re.M)
        return dict(found)

    image, tested = pins("requirements.lock"), pins("requirements-dev.lock")
    assert image.items() <= tested.items()
    assert {"aiohttp", "click", "hatchling"} <= image.keys()
    assert not {"grpcio", "pytest"} & image.keys()


def test_it_runs_as_nobody_in_particular_and_its_command_is_found_by_its_name() -> None:
    ((user,),) = values("USER")
    uid, _, gid = user.partition(":")
    assert int(uid) > 0
    assert int(gid) > 0
    assert values("ENTRYPOINT") == [("ai-conformance",)]
    environment = dict(zip(values("ENV")[0][::2], values("ENV")[0][1::2], strict=True))
    folder = next(taken.value[-1] for taken in STEPS if taken.flags)
    assert environment["PATH"].split(":")[0] == f"{folder}/bin"


@pytest.mark.parametrize("arguments", [(), ("--sonobuoy",)])
def test_the_manifest_calls_what_the_image_begins_with(arguments: tuple[str, ...]) -> None:
    printed = CliRunner().invoke(manifest, ["--image", "a/b:1", *arguments], catch_exceptions=False).stdout
    *_, last = yaml.safe_load_all(printed)
    container = last["spec"] if arguments else last["spec"]["template"]["spec"]["containers"][0]
    assert (container["command"][0],) == values("ENTRYPOINT")[0]
