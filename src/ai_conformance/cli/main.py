"""The command `ai-conformance`. It only knows where its groups live, so that `--help` imports none of them."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from ai_conformance import __version__
from ai_conformance.cli import failures
from ai_conformance.cli.lazy import LazyGroup
from ai_conformance.model.verdicts import ExitCode

_COMMANDS = {
    # name: (module, attribute, one line of help)
    "run": ("ai_conformance.cli.run", "run", "Run the checks against a cluster and leave verdicts with evidence."),
    "plan": ("ai_conformance.cli.plan", "plan", "Show what a run would do on this cluster, and what it needs."),
    "rbac": ("ai_conformance.cli.rbac", "rbac", "Print the RBAC objects that allow a run and nothing else."),
    "manifest": (
        "ai_conformance.cli.manifest",
        "manifest",
        "Print a Job that runs the suite in the cluster, with its account.",
    ),
    "fetch": ("ai_conformance.cli.fetch", "fetch", "Wait for the run of such a Job and bring its folder here."),
    "in-cluster": ("ai_conformance.cli.in_cluster", "in_cluster", "What such a Job calls in its pod."),
    "clean": ("ai_conformance.cli.clean", "clean", "Remove from the cluster what a killed run left there."),
    "explain": ("ai_conformance.cli.explain", "explain", "Tell what is proved for a requirement, how, and what to do."),
    "requirements": ("ai_conformance.cli.requirements", "requirements", "List the requirements of a release."),
    "report": (
        "ai_conformance.cli.report",
        "report",
        "Tell a finished run anew: JUnit, SARIF, CTRF, Markdown and more.",
    ),
    "compare": ("ai_conformance.cli.compare", "compare", "Tell what got better, worse and slower between two runs."),
    "lab": ("ai_conformance.cli.lab", "lab", "A real Kubernetes with fake accelerators on this machine."),
    "bundle": ("ai_conformance.cli.bundle.group", "bundle", "Pack a run for others, sign it, tell what was altered."),
    "replay": ("ai_conformance.cli.replay", "replay", "Recompute every verdict of a run from what was observed in it."),
    "submission": (
        "ai_conformance.cli.submission.group",
        "submission",
        "Make, check and pack a folder for the program.",
    ),
}


@click.command(
    cls=LazyGroup,
    table=_COMMANDS,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Exit codes: 0 conformant, 1 not conformant, 2 usage, 3 could not be judged, 4 interrupted, 70 bug.",
)
@click.version_option(__version__, prog_name="ai-conformance")
def cli() -> None:
    """Proves by behaviour whether a Kubernetes cluster does what the Kubernetes AI Conformance program asks for.

    \b
    ai-conformance plan                     what would run on the current context's cluster
    ai-conformance run --output results/1   run it; verdicts, evidence and artifacts in that folder
    ai-conformance lab up                   no cluster at hand? make one here (Linux, root)

    This project is not affiliated with the CNCF; a verdict of this tool is not a certificate.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Entry point: turns what was raised into one message and the right exit code."""
    try:
        code = cli.main(args=None if arguments is None else list(arguments), standalone_mode=False)
        sys.exit(code if isinstance(code, int) else ExitCode.OK)
    except click.ClickException as error:
        error.show()
        sys.exit(ExitCode.USAGE)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        sys.exit(ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # The reader of a pipe went away (`| head`): nothing to say, and nowhere to say it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(ExitCode.OK)
    except failures.Failure as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(error.code)
    except Exception as error:  # noqa: BLE001 - the last edge: a bug must not look like a verdict
        place = Path(traceback.extract_tb(error.__traceback__)[-1].filename).name
        click.echo(
            f"This is a bug of ai-conformance, not a verdict: {type(error).__name__}: {error} ({place}).", err=True
        )
        click.echo("Set AI_CONFORMANCE_DEBUG=1 and run again for the traceback; please report it.", err=True)
        if os.environ.get("AI_CONFORMANCE_DEBUG"):
            traceback.print_exc()
        sys.exit(ExitCode.BUG)
