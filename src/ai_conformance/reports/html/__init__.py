"""``report.html``: the run for a doubting reader, in one file that needs no network and no program but a browser.

The answer comes first, then the matrix of verdicts, then each requirement with its proof; every requirement, case and
variant has a fragment id that stays the same from run to run, so that a link to it can be sent. The page is read from
disk, and what it shows was printed by what was tested: nothing of it is ever markup (`visible`), and the page's policy
lets nothing run or load but its own style and script.

    answer    does the cluster conform, as far as this run can tell
    anchors   the fragment ids
    evidence  which files may be linked, and which are small enough to be shown
    lanes     bars of the time line
    page      the view put into the templates, with the policy
    view      the record as the templates want it
    visible   text of others, with what cannot be seen made visible
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from ai_conformance.model.records import RunRecord


def html_text(record: RunRecord, *, evidence: Callable[[str], str | None] | None = None) -> str:
    """The content of ``report.html``; the same record and evidence give the same text.

    ``evidence`` gives the text of a file of evidence by its path in the record, None where it is not to be shown (see
    `evidence.Folder`); without it files are linked and not shown.
    """
    from ai_conformance.reports.html import page  # noqa: PLC0415 - who writes no HTML pays for no templates

    return page.render(record, evidence=evidence)
