"""`ai-conformance plan`: what a run would do on this cluster, what it needs, and what of that is missing."""

from __future__ import annotations

import asyncio
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ai_conformance.cli import connection, options, planning
from ai_conformance.model import names
from ai_conformance.model.verdicts import ExitCode
from ai_conformance.reports import escaping

if TYPE_CHECKING:
    from rich.console import Console

    from ai_conformance.checks.inventory import Inventory, Supply
    from ai_conformance.cli.options import Settings
    from ai_conformance.cli.planning import Planned
    from ai_conformance.engine.readiness import Permission, Readiness
    from ai_conformance.kube.actor import ServerVersion

_ROWS_OF_SUPPLIES = 16
_Key = TypeVar("_Key")


@click.command()
@options.target
@options.selected
@click.option("--output-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def plan(*, output_format: str, **parameters: Any) -> int:
    """Show what a run would do on this cluster, and what it needs. Nothing is made in the cluster.

    Takes the same options as `run`, and decides as it does.

    Exit codes: 0 all that is needed is there, 2 usage, 3 something needed is missing.
    """
    settings = options.settings(**parameters)
    planning.check(settings)
    return asyncio.run(_plan(settings, as_json=output_format == "json"))


async def _plan(settings: Settings, *, as_json: bool) -> ExitCode:
    from ai_conformance import catalog  # noqa: PLC0415 - help and bad options need neither catalog nor client
    from ai_conformance.engine import readiness  # noqa: PLC0415

    facts = catalog.load()
    with connection.explained():
        async with connection.connected(settings.target, actor="plan") as session:
            version = await session.version()
            planned = planning.make(settings, catalog=facts, version=version)
            found = await readiness.find(session, plan=planned.plan, catalog=facts, options=settings.checks)
    if as_json:
        click.echo(json.dumps(as_data(planned, found=found, version=version), indent=2))
    else:
        _show(planned, found=found, version=version)
    return ExitCode.NOT_EVALUATED if found.missing else ExitCode.OK


def as_data(planned: Planned, *, found: Readiness, version: ServerVersion) -> dict[str, Any]:
    """The plan as data for other programs; keys are only ever added."""
    made, accelerators = planned.plan, found.accelerators
    return {
        "release": str(made.release),
        "serverVersion": version.git_version,
        "notes": list(planned.notes),
        "requirements": [
            {
                "id": item.requirement.id,
                "level": item.level_name,
                "action": item.action.value,
                "reason": item.reason,
                "test": item.artifact,
                "cases": [case.name for case in item.check.cases] if item.check else [],
                "needs": item.check.needs if item.check else "",
                "relaxedNamespaces": [
                    {"suffix": one.suffix, "podSecurity": one.level.value, "why": one.why}
                    for one in (item.check.relaxed if item.check else ())
                ],
            }
            for item in made.items
        ],
        "accelerators": _accelerators_as_data(accelerators) if accelerators else None,
        "permissions": [
            {
                "verb": one.verb,
                "group": one.group,
                "resource": one.resource,
                "ownNamespace": one.own_namespace,
                "allowed": one.allowed,
            }
            for one in found.permissions
        ],
        "images": [{"name": image.name, "reference": image.reference} for image in found.images],
        "missing": list(found.missing),
    }


def _accelerators_as_data(found: Inventory) -> dict[str, Any]:
    return {
        "summary": [
            {
                "mechanism": mechanism.value,
                "name": name,
                "nodes": len({one.node for one in supplies}),
                "total": sum(one.total for one in supplies),
                "free": sum(one.free for one in supplies),
            }
            for (mechanism, name), supplies in _alike(found, key=lambda one: (one.mechanism, one.name)).items()
        ],
        "supplies": [
            {
                "mechanism": one.mechanism.value,
                "node": one.node,
                "name": one.name,
                "driver": one.driver,
                "vendor": one.vendor.name if one.vendor else None,
                "total": one.total,
                "free": one.free,
            }
            for one in found.supplies
        ],
        "nodeClasses": [{"description": one.description, "nodes": list(one.nodes)} for one in found.node_classes],
        "problems": list(found.problems),
        "lookedFor": list(found.looked_for),
    }


def _show(planned: Planned, *, found: Readiness, version: ServerVersion) -> None:
    from rich.console import Console  # noqa: PLC0415 - only text pays for it

    # In a pipe there is no width to fit into, and a reason that is cut helps nobody.
    console = Console(width=None if sys.stdout.isatty() else max(shutil.get_terminal_size().columns, 160))
    made = planned.plan
    _print(console, f"Kubernetes {version.git_version}, checklist of {made.release}")
    for note in planned.notes:
        _print(console, note)
    _table(
        console,
        ("requirement", "level", "what happens", "why"),
        ((item.requirement.id, item.level_name, item.action.value, item.reason) for item in made.items),
    )
    if found.accelerators is not None:
        _show_accelerators(console, found.accelerators)
    if found.permissions:
        _print(console, "\nPermissions (verbs that are missing in capitals)")
        _table(console, ("resource", "verbs", "where"), _permission_rows(found.permissions))
    relaxed = [(item.requirement.id, one) for item in made.running if item.check for one in item.check.relaxed]
    if relaxed:
        _print(console, "\nNamespaces whose Pod Security level is not restricted, where the cluster admits them")
        rows = ((f"{name}{one.suffix and '-'}{one.suffix}", one.level.value, one.why) for name, one in relaxed)
        _table(console, ("of", "level", "why"), rows)
    if found.images:
        _print(console, "\nImages")
        _table(console, ("name", "reference"), ((one.name, one.reference) for one in found.images))
    _print(console, "")
    for missing in found.missing:
        _print(console, f"MISSING: {missing}")
    if not found.missing:
        _print(console, "All that this plan needs is there.")


def _show_accelerators(console: Console, found: Inventory) -> None:
    _print(console, "\nAccelerators")
    if found.supplies:
        _table(console, ("node", "asked for as", "mechanism", "free"), _supply_rows(found))
    for group in found.node_classes:
        _print(console, f"class of {len(group.nodes):,} ({names.span(group.nodes)}): {group.description}")
    for problem in names.first(found.problems, noun="problems"):
        _print(console, f"problem: {problem}")


def _supply_rows(found: Inventory) -> Iterator[tuple[str, str, str, str]]:
    """A row for each supply; where they are many, one for all nodes that have the same and as much of it free."""
    if len(found.supplies) <= _ROWS_OF_SUPPLIES:
        for one in found.supplies:
            yield one.node, one.name, one.mechanism.value, f"{one.free} of {one.total}"
        return
    alike = _alike(found, key=lambda one: (one.name, one.mechanism.value, one.total, one.free))
    for (name, mechanism, total, free), supplies in sorted(alike.items()):
        each = " each" if len(supplies) > 1 else ""
        yield names.several([one.node for one in supplies]), name, mechanism, f"{free} of {total}{each}"
    for (name, mechanism), supplies in sorted(_alike(found, key=lambda one: (one.name, one.mechanism.value)).items()):
        free, total = sum(one.free for one in supplies), sum(one.total for one in supplies)
        yield "all together", name, mechanism, f"{free:,} of {total:,}"


def _alike(found: Inventory, *, key: Callable[[Supply], _Key]) -> dict[_Key, list[Supply]]:
    groups: dict[_Key, list[Supply]] = {}
    for one in found.supplies:
        groups.setdefault(key(one), []).append(one)
    return groups


def _permission_rows(permissions: Iterable[Permission]) -> Iterator[tuple[str, str, str]]:
    rows: dict[tuple[str, bool], list[str]] = {}
    for one in permissions:
        where = f"{one.resource}.{one.group}" if one.group else one.resource
        rows.setdefault((where, one.own_namespace), []).append(one.verb if one.allowed else one.verb.upper())
    for (where, own_namespace), verbs in rows.items():
        yield where, ", ".join(verbs), "own namespaces" if own_namespace else "whole cluster"


def _table(console: Console, columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in columns:
        table.add_column(name, header_style="dim")
    for row in rows:
        table.add_row(*(Text(escaping.one_line(cell)) for cell in row))
    console.print(table)


def _print(console: Console, text: str) -> None:
    first = "\n" if text.startswith("\n") else ""
    console.print(first + escaping.one_line(text), markup=False, highlight=False, soft_wrap=True)
