"""In the dress of a vendor: the image by which that vendor's devices are loaded, under its public name.

What it does is what the fake devices understand; what it is called, and how it is told to begin, is as with the real
one, so that a check asks for it in the same way.
"""

from __future__ import annotations

from pathlib import Path

from ai_conformance import catalog
from ai_conformance.lab import commands, images, packages
from ai_conformance.lab.accelerators.flavours import Vendor, flavour_of
from ai_conformance.lab.addons.workshop import Workshop
from ai_conformance.lab.files import write_atomically

_SCRIPT = """#!/bin/sh
busy() {{ while :; do dd if="$1" of=/dev/null bs=4k iflag=direct 2>/dev/null || exit 1; done; }}
for device in {prefix}[0-9]*; do busy "$device" & busy "$device" & done
wait
"""


def archive(workshop: Workshop, vendor: Vendor) -> Path | None:
    """The image's archive; None where the vendor's devices are loaded by the probe image."""
    facts = catalog.load()
    load = facts.vendor(vendor.value).load
    if load is None or not load.args:
        return None
    busybox = packages.ensure(workshop.cache).busybox
    applets = commands.run([str(busybox), "--list"]).split()
    script = _SCRIPT.format(prefix=flavour_of(vendor).path_prefix)
    entries = (
        *images.root_entries(busybox.read_bytes(), applets=applets),
        images.Entry(path=f"bin/{load.args[0]}", content=script.encode()),
    )
    path = workshop.cache / "addons" / "images" / f"load-{vendor}.tar"
    write_atomically(path, images.docker_archive([images.Image(tag=facts.image(load.image), entries=entries)]))
    return path
