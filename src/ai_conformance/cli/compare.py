"""`ai-conformance compare`: what got better, worse and slower between two runs; no cluster is needed for it."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ai_conformance.cli import reading


@click.command(cls=reading.ReadingCommand)
@click.argument("before", type=click.Path(path_type=Path), metavar="A")
@click.argument("after", type=click.Path(path_type=Path), metavar="B")
@click.option("--output-format", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True)
def compare(*, before: Path, after: Path, output_format: str) -> int:
    """Tell what got better, worse and slower from run A to run B (folders of runs), the worst first.

    The two may be of different clusters, releases and versions of the tool; what is not the same is told at the top.
    What is FAIL and was not is worse. To be slower is told, and is not worse: of what passed in both runs, by half as
    long again and by five seconds.

    Exit codes: 0 nothing got worse, 1 something did, 2 usage, 3 cannot be judged (it was judged before and is not any
    more, a run was interrupted, or the two have nothing in common).
    """
    from ai_conformance import catalog  # noqa: PLC0415 - `--help` reads no files
    from ai_conformance.reports import run_folder  # noqa: PLC0415 - as above
    from ai_conformance.reports.comparison import comparing, outputs  # noqa: PLC0415 - as above

    found = comparing.compare(run_folder.read(before), run_folder.read(after), facts=catalog.load())
    if output_format == "text" and sys.stdout.isatty():
        from rich.console import Console  # noqa: PLC0415 - a pipe does not pay for it

        Console().print(outputs.terminal(found))
        return found.exit_code
    printers = {"text": outputs.text, "json": outputs.json_text, "markdown": outputs.markdown_text}
    reading.print_bytes(printers[output_format](found).encode())
    return found.exit_code
