"""`manifest` prints objects that `kubectl apply` takes, without asking a cluster, and passes on what it was told."""

from __future__ import annotations

import shlex
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from ai_conformance.cli import failures
from ai_conformance.cli.manifest import manifest
from ai_conformance.cli.rbac import rbac
from ai_conformance.cli.run import run

IMAGE = "registry.example.com/ai-conformance:0.1.0"


def text(*arguments: str) -> str:
    result = CliRunner().invoke(manifest, ["--image", IMAGE, *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def printed(*arguments: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all(text(*arguments)))


def passed_on(*arguments: str) -> list[str]:
    """The options that the run in the pod gets."""
    command: list[str] = printed(*arguments)[-1]["spec"]["template"]["spec"]["containers"][0]["command"]
    return [one.replace("$$", "$") for one in command[command.index("--") + 1 :]]


def test_the_account_and_its_role_are_those_of_rbac_for_the_same_choice() -> None:
    choice = ("--requirement", "gang_scheduling", "--name", "judge", "--namespace", "tools")
    of_rbac = CliRunner().invoke(rbac, choice, catch_exceptions=False).stdout
    *objects, job = printed(*choice)
    assert objects == list(yaml.safe_load_all(of_rbac))
    assert (job["kind"], job["metadata"]["name"], job["metadata"]["namespace"]) == ("Job", "judge", "tools")
    assert job["spec"]["template"]["spec"]["serviceAccountName"] == "judge"


def test_who_copies_credentials_for_images_may_do_so() -> None:
    choice = ("--requirement", "gang_scheduling")
    of_rbac = CliRunner().invoke(rbac, [*choice, "--image-pull-secret"], catch_exceptions=False).stdout
    assert printed(*choice, "--image-pull-secret=regs/config.json")[:-1] == list(yaml.safe_load_all(of_rbac))


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (["--image-pull-secret=regs/.dockerconfigjson"], [{"name": "regs"}]),
        (["--image-pull-secret=regs/config.json"], None),
        ([], None),
    ],
)
def test_credentials_that_kubelets_can_use_are_for_the_jobs_own_image_too(
    given: list[str], named: list[dict[str, str]] | None
) -> None:
    spec = printed(*given)[-1]["spec"]["template"]["spec"]
    assert spec.get("imagePullSecrets") == named


def test_what_was_not_given_is_left_to_the_run() -> None:
    assert passed_on() == []


def test_options_of_the_run_reach_it_as_they_were_typed() -> None:
    typed = [
        "--requirement=dra_support",
        "--requirement=gang_scheduling",
        "--gang-scheduler=kueue",
        "--gang-job-labels=a=b,c=d",
        "--image-map=probe=a/b:1",
        "--namespace-prefix=mine",
        "--allow-scale",
        "--timeout=1h30m",
        "--accelerator-type=nvidia.com/gpu",
        "--run=TestDRA.*|no such$",
    ]
    got = passed_on(*typed)
    assert sorted(got) == sorted(typed)
    given = run.make_context("run", list(got)).params
    asked = run.make_context("run", list(typed)).params
    assert {**given, "selection": given["selection"].text} == {**asked, "selection": asked["selection"].text}


def test_every_option_of_the_run_is_there_unless_it_is_of_another_machine_or_cluster() -> None:
    known = {option for one in manifest.params for option in one.opts}
    missing = {one.opts[0] for one in run.params if not known & set(one.opts)}
    assert missing == {"--kubeconfig", "--output", "--resume", "--context", "--contexts", "--all-contexts"}


def test_a_file_of_the_run_is_a_key_of_a_secret_that_is_mounted() -> None:
    options = ("--prometheus-url=http://p", "--prometheus-token-file=mine/tok", "--redact-file=mine/rules.yaml")
    spec = printed(*options)[-1]["spec"]["template"]["spec"]
    command = spec["containers"][0]["command"]
    assert command[command.index("--") + 1 :] == [
        "--prometheus-url=http://p",
        "--prometheus-token-file=/etc/ai-conformance/mine/tok",
        "--redact-file=/etc/ai-conformance/mine/rules.yaml",
    ]
    mounted = {one["name"]: one["mountPath"] for one in spec["containers"][0]["volumeMounts"]}
    volumes = {one["name"]: one for one in spec["volumes"]}
    assert mounted.keys() == volumes.keys()
    (name,) = [one for one, volume in volumes.items() if volume.get("secret") == {"secretName": "mine"}]
    assert mounted[name] == "/etc/ai-conformance/mine"
    assert printed("--sonobuoy", *options)[0]["extra-volumes"][1:] == [volumes[name]]


def test_it_reads_well() -> None:
    shown = text("--requirement", "dra_support")
    assert all(len(line) <= 120 for line in shown.splitlines())
    assert "# One try: a second run would judge" in shown
    assert "# dra_support: in namespaces of the run's own only" in shown
    lines = shown.splitlines()
    for number, line in enumerate(lines):
        if line.lstrip().startswith("# ") and lines[number + 1].lstrip()[:1] not in ("#", "-"):
            column = len(line) - len(line.lstrip())
            assert lines[number + 1].lstrip() == lines[number + 1][column:], f"the comment {line!r} stands elsewhere"


def test_it_says_how_to_get_the_results() -> None:
    def fetches(*arguments: str) -> list[str]:
        (line,) = [line for line in text(*arguments).splitlines() if line.startswith("#     ")]
        return shlex.split(line.lstrip("# "))

    assert fetches() == ["ai-conformance", "fetch", "--output", "DIR"]
    named = fetches("--name", "judge", "--namespace", "tools")
    assert named == ["ai-conformance", "fetch", "--namespace", "tools", "--name", "judge", "--output", "DIR"]


def test_a_plugin_of_sonobuoy_is_one_document() -> None:
    (plugin,) = printed("--sonobuoy", "--skip", "ai_inference")
    assert plugin["sonobuoy-config"]["plugin-name"] == "ai-conformance"
    assert plugin["spec"]["command"] == ["ai-conformance", "in-cluster", "run", "--", "--skip=ai_inference"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--requirement", "gang_schedulin"], "gang_scheduling"),
        (["--release", "1.12"], "1.12"),
        (["--run", "NoSuchTest"], "matches no test"),
        (["--operator", "jobst"], "jobset"),
        (["--image-map", "prob=a/b:1"], "probe"),
    ],
)
def test_a_choice_of_nothing_is_told_here_and_not_in_the_pod(arguments: list[str], said: str) -> None:
    for kind in ((), ("--sonobuoy",)):
        with pytest.raises(failures.Failure, match=said) as raised:
            CliRunner().invoke(manifest, ["--image", IMAGE, *kind, *arguments], catch_exceptions=False)
        assert raised.value.code == 2


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--image", ""],
        ["--image", "a b"],
        ["--image", IMAGE, "--name", "Upper"],
        ["--image", IMAGE, "--name", "a" * 53],
        ["--image", IMAGE, "--namespace", "-"],
        ["--image", IMAGE, "--hold", "0"],
        ["--image", IMAGE, "--redact-file", "rules.yaml"],
        ["--image", IMAGE, "--redact-file", "/etc/rules.yaml"],
        ["--image", IMAGE, "--redact-file", "mine/.."],
        ["--image", IMAGE, "--prometheus-token-file", "../tok"],
    ],
)
def test_what_could_not_work_is_a_usage_error(arguments: list[str]) -> None:
    assert CliRunner().invoke(manifest, arguments).exit_code == 2
