"""The program that containerd takes for runc: runc itself, unless a fault of the container runtime is on.

The sound case costs one shell start and one look into a folder; only with a switch set does `create` pass through the
program that changes the container's configuration first.
"""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from ai_conformance.lab.accelerators.switches import RUNTIME_PREFIX

_SCRIPT = """\
#!/bin/sh
# runc, with a detour for the lab's faults of the container runtime.
case " $* " in
*" create "*)
  for switch in {faults}/{prefix}*; do
    [ ! -e "$switch" ] || {python} -m ai_conformance.lab.accelerators.oci --config {config} -- "$@" || exit 1
    break
  done ;;
esac
exec {runc} "$@"
"""


def write_wrapper(path: Path, *, runc: Path, faults_dir: Path, config: Path, python: Path | None = None) -> None:
    """Write the executable script: whole or not at all, since the runtime may call it at any moment.

    `config` is the node's accelerator configuration and need not exist yet; `python` is this interpreter by default.
    """
    text = _SCRIPT.format(
        faults=shlex.quote(str(faults_dir)),
        prefix=RUNTIME_PREFIX,
        python=shlex.quote(str(python or sys.executable)),
        config=shlex.quote(str(config)),
        runc=shlex.quote(str(runc)),
    )
    part = path.with_suffix(".part")
    part.write_text(text)
    part.chmod(0o755)
    part.rename(path)
