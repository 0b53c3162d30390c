"""`--image-pull-secret`: what of a file goes into a cluster, and that nothing of it is shown."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ai_conformance.checks.options import Options
from ai_conformance.cli import failures, options, pull_secret
from ai_conformance.cli.rbac import rbac

HERE = {"auth": "aHVudGVyMg=="}
MIRROR = Options(image_registry="registry.example.com/mirror")


def file(folder: Path, content: Any) -> Path:
    path = folder / "config.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return path


def kept(folder: Path, auths: dict[str, Any], *, checks: Options = MIRROR) -> dict[str, Any]:
    whole = {"auths": auths, "credsStore": "desktop", "HttpHeaders": {"X": "y"}}
    found: dict[str, Any] = json.loads(pull_secret.of_run(file(folder, whole), checks=checks))
    return found


def test_without_the_option_there_is_nothing() -> None:
    assert pull_secret.of_run(None, checks=MIRROR) == ""


def test_only_entries_for_the_images_of_a_run_are_taken_and_nothing_else_of_the_file(tmp_path: Path) -> None:
    auths = {"registry.example.com": {**HERE, "email": "a@example.com", "note": "x"}, "private.example.org": HERE}
    assert kept(tmp_path, auths) == {"auths": {"registry.example.com": {**HERE, "email": "a@example.com"}}}


@pytest.mark.parametrize(
    "registry",
    ["registry.example.com", "https://registry.example.com/v1/", "*.example.com", "registry.example.com/mirror"],
)
def test_registries_are_written_in_many_ways(tmp_path: Path, registry: str) -> None:
    assert kept(tmp_path, {registry: HERE}) == {"auths": {registry: HERE}}


def test_an_image_without_a_host_is_docker_hubs(tmp_path: Path) -> None:
    checks = Options(image_map={"probe": "someone/busybox:1"})
    hub = "https://index.docker.io/v1/"
    assert kept(tmp_path, {hub: HERE}, checks=checks) == {"auths": {hub: HERE}}


def test_the_image_of_a_load_counts_too(tmp_path: Path) -> None:
    checks = Options(load_image="loads.example.net:5000/burn:1")
    assert kept(tmp_path, {"loads.example.net:5000": HERE}, checks=checks)["auths"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("hunter2", "not JSON"),
        ("[]", "no auths"),
        ({"auths": []}, "no auths"),
        ({"auths": {}}, "no credentials"),
        ({"auths": {"registry.example.com": {}}, "credsStore": "desktop"}, "in a store of this machine"),
        ({"auths": {"registry.example.com": "hunter2"}}, "no credentials"),
        (
            {"auths": {"other.example.org": {"password": "hunter2"}}},
            "credentials for other.example.org, and the images",
        ),
        ({"auths": {}, "more": "x" * 600_000}, "more than credentials"),
    ],
)
def test_a_file_that_is_of_no_use_is_refused_and_not_shown(tmp_path: Path, content: Any, words: str) -> None:
    path = file(tmp_path, content)
    with pytest.raises(failures.Failure, match=words) as refusal:
        pull_secret.of_run(path, checks=MIRROR)
    assert refusal.value.code == 2
    assert str(path) in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(failures.Failure, match="cannot be read") as refusal:
        pull_secret.of_run(tmp_path / "none", checks=MIRROR)
    assert refusal.value.code == 2


def test_neither_the_file_nor_what_is_in_it_is_part_of_the_record() -> None:
    assert options.in_force({"image_pull_secret": Path("/home/a/config.json")}) == ()
    assert "hunter2" not in repr(Options(pull_secret="hunter2"))


def test_secrets_are_permitted_only_where_the_option_is_given_and_only_to_be_made() -> None:
    without = CliRunner().invoke(rbac, []).stdout
    with_it = CliRunner().invoke(rbac, ["--image-pull-secret"]).stdout
    assert "secrets" not in without
    (line,) = [one for one in with_it.splitlines() if "secrets" in one]
    rule = with_it[with_it.index(line) :].splitlines()[:2]
    assert "".join(rule).count("create") == 1
    assert not any(verb in "".join(rule) for verb in ("get", "list", "watch", "delete"))
