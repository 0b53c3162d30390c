"""One run on several clusters: each has its folder, what is wrong on one is not another's, and the worst one counts."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "kube"))

from called import told
from fake_api import FakeApi

from ai_conformance.cli import fleet
from ai_conformance.cli.options import Target
from ai_conformance.model.verdicts import ExitCode

ONE = ("run", "--requirement", "secure_accelerator_access")


def with_contexts(api: FakeApi, *names: str) -> FakeApi:
    """The kubeconfig has more contexts; ``lost`` leads nowhere."""
    original = api.kubeconfig

    def kubeconfig() -> Path:
        file = original()
        text = file.read_text()
        made = "".join(f", {{name: {name}, context: {{cluster: c, user: u}}}}" for name in names if name != "lost")
        lost = ", {name: lost, context: {cluster: nowhere, user: u}}" if "lost" in names else ""
        text = text.replace("user: u}}]", f"user: u}}}}{made}{lost}]")
        nowhere = '}}, {name: nowhere, cluster: {server: "http://127.0.0.1:1"}}]'
        text = text.replace("}}]", nowhere, 1)
        file.write_text(text)
        return file

    api.kubeconfig = kubeconfig  # type: ignore[method-assign, assignment]
    return api


async def test_each_cluster_has_its_folder_and_all_are_in_one_summary(api: FakeApi, tmp_path: Path) -> None:
    output = tmp_path / "out"
    with_contexts(api, "east", "west/2")
    said = await told(api, *ONE, "--contexts", "east, west/2", "--output", output, code=ExitCode.NOT_EVALUATED)
    assert "east | " in said
    assert "west/2 | " in said
    summary = json.loads((output / "summary.json").read_text())
    assert [(one["context"], one["exit_code"]) for one in summary["runs"]] == [("east", 3), ("west/2", 3)]
    for one in summary["runs"]:
        assert one["verdicts"]["secure_accelerator_access"] == "BLOCKED"
        record = json.loads((output / one["folder"] / "run.json").read_text())
        assert "--requirement=secure_accelerator_access" in record["command"]
        assert not any(part.startswith("--contexts") for part in record["command"])


async def test_a_cluster_that_is_not_there_keeps_no_other_from_its_run(api: FakeApi, tmp_path: Path) -> None:
    output = tmp_path / "out"
    with_contexts(api, "lost")
    said = await told(api, *ONE, "--all-contexts", "--output", output, code=ExitCode.NOT_EVALUATED)
    assert "lost  exit code 3: no verdicts" in said
    assert (output / "here" / "run.json").exists()


@pytest.mark.parametrize(
    ("codes", "worst"),
    [
        ([0, 0], ExitCode.OK),
        ([3, 1, 70, 4], ExitCode.NOT_CONFORMANT),
        ([3, 4, 70], ExitCode.BUG),
        ([3, 4, 0], ExitCode.INTERRUPTED),
        ([0, 2], ExitCode.NOT_EVALUATED),
        ([-9, 0], ExitCode.NOT_EVALUATED),
    ],
)
def test_what_was_seen_to_be_wrong_outranks_what_could_not_be_seen(codes: list[int], worst: ExitCode) -> None:
    assert fleet.worst(codes) is worst


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--contexts", "here,elsewhere"], "there is no context 'elsewhere'; there are here"),
        (["--contexts", " , "], "--contexts names none"),
        (["--contexts", "here", "--all-contexts"], "choose one of"),
        (["--context", "here", "--all-contexts"], "choose one of"),
    ],
)
async def test_what_is_no_choice_is_refused_before_anything_runs(
    api: FakeApi, tmp_path: Path, arguments: list[str], words: str
) -> None:
    said = await told(api, *ONE, *arguments, "--output", tmp_path / "out", code=ExitCode.USAGE)
    assert words in said
    assert not (tmp_path / "out").exists()


def test_each_run_gets_the_kubeconfig_and_the_credentials_for_images(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[list[str]] = []

    class Member(fleet._Member):
        def __init__(self, context: str, *, folder: Path, arguments: Sequence[str]) -> None:
            super().__init__(context, folder=folder, arguments=arguments)
            given.append(list(arguments))

        async def run(self) -> None:
            self.code = int(ExitCode.OK)

    monkeypatch.setattr(fleet, "_Member", Member)
    target = Target(kubeconfig=tmp_path / "kubeconfig", context=None)
    parameters = {"image_pull_secret": tmp_path / "config.json", "profile": "lab", "contexts": "a,b"}
    assert fleet.run(["a", "b"], folder=tmp_path / "out", target=target, parameters=parameters) is ExitCode.OK
    wanted = ["--profile=lab", f"--kubeconfig={target.kubeconfig}", f"--image-pull-secret={tmp_path / 'config.json'}"]
    assert given == [wanted, wanted]
