"""robust_controller with each operator that an extra add-on brings: what it says of a sound one."""

from __future__ import annotations

from pathlib import Path

import pytest

import lab_trial as trial
from ai_conformance.lab.addons import kuberay, kueue, lws, trainer
from ai_conformance.lab.addons.workshop import GoModule
from ai_conformance.lab.lab import Lab
from ai_conformance.lab.paths import cache_root
from lab_addons import having

pytestmark = pytest.mark.lab

OPERATORS = {
    "lws": (lws.MANAGER.module, "PASS", "all 11 cases passed"),
    "trainer": (trainer.MANAGER.module, "PASS", "all 11 cases passed"),
    "kueue": (kueue.MODULE, "PASS", "all 10 cases passed"),
    # The requirement speaks of webhooks, and this one's release comes without.
    "kuberay": (kuberay.MANAGER.module, "NOT_TESTED", "no operator with webhooks was judged"),
}


@pytest.mark.parametrize("name", OPERATORS)
def test_an_operator_is_judged_by_what_it_does(name: str, operated: Lab, tmp_path: Path) -> None:
    module, verdict, words = OPERATORS[name]
    if not built(module, name):
        pytest.skip(f"an extra, which takes minutes to build: ai-conformance lab build --addons {name}")
    with having(operated, name):
        options = ("--operator", name, "--disruptive")
        seen = trial.reason_of(operated.kubeconfig, tmp_path, "robust_controller", options=options)
    assert (seen.verdict, words in seen.reason) == (verdict, True), seen


def built(module: GoModule, name: str) -> bool:
    return (cache_root() / "addons" / module.key / name).exists()
