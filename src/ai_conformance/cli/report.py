"""`ai-conformance report`: a finished run told anew in another format; no cluster is needed for it."""

from __future__ import annotations

from pathlib import Path

import click

from ai_conformance.cli import failures, reading
from ai_conformance.model.verdicts import ExitCode
from ai_conformance.reports.formats import FORMATS


def _formats() -> str:
    width = max(len(name) for name in FORMATS)
    return "\n".join(["\b", *(f"{name.ljust(width)}  {one.told}" for name, one in FORMATS.items())])


@click.command(
    cls=reading.ReadingCommand,
    help=f"""Tell the run in the folder RUN anew in another format. No cluster is needed.

{_formats()}

Written to standard output, or to a file with -o, which must not be there unless --force is given. What is told is the
record in run.json, whichever version of the tool wrote it; the exit code says nothing of the verdicts.

Exit codes: 0 written, 2 usage or no run that can be read, 3 could not be written.""",
)
@click.argument("run", required=False, type=click.Path(path_type=Path), metavar="RUN")
@click.option("--format", "name", type=click.Choice(list(FORMATS)), help="One of the above.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Write to this file.")
@click.option("--force", is_flag=True, help="Replace FILE if it is there.")
@click.option("--schema", is_flag=True, help="Print the JSON Schema of run.json instead.")
def report(*, run: Path | None, name: str | None, output: Path | None, force: bool, schema: bool) -> int:
    """See the text given above."""
    if schema and (run is not None or name is not None):
        raise failures.usage("--schema takes neither RUN nor --format: it tells of every run.json the same.")
    if not schema and (run is None or name is None):
        known = ", ".join(FORMATS)
        raise failures.usage(f"name a run's folder and a format ({known}): ai-conformance report --format junit RUN")
    from ai_conformance.reports import formats, run_folder, run_json, writer  # noqa: PLC0415 - `--help` needs no data

    if run is None or name is None:
        content = run_json.SCHEMA_PATH.read_bytes()
    else:
        content = formats.content(run_folder.read(run), name=name, folder=run_folder.record_file(run).parent)
        if output is not None and reading.same_file(output, run_folder.record_file(run)):
            raise failures.usage(f"{output} is the record of the run itself; choose another file with -o.")
    if output is not None and not output.parent.is_dir():
        raise failures.usage(f"there is no folder {output.parent}; make it, or choose another file with -o.")
    if output is None:
        reading.print_bytes(content)
    else:
        writer.write_one(content, output, replace=force)
    return ExitCode.OK
