"""What a container sees of accelerators: a shell script that runs inside it, and its answer as data.

The script needs a POSIX shell, `stat` and `dd`, nothing of a vendor. That a tool is missing from an image is no proof
of anything; that a device node cannot be opened is.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterable, Mapping

from ai_conformance.kube import pods


class Opened(enum.StrEnum):
    """What opening a device node gave; named as errno(3) names it."""

    OK = "ok"
    EPERM = "EPERM"
    """The device cgroup refuses."""
    EACCES = "EACCES"
    """The file's mode or a mount option refuses."""
    ENXIO = "ENXIO"
    """There is no such device: the kernel was asked, so nothing refused."""
    ENOENT = "ENOENT"
    OTHER = "other"


_MESSAGES = {
    "Operation not permitted": Opened.EPERM,
    "Permission denied": Opened.EACCES,
    "No such device": Opened.ENXIO,
    "No such file": Opened.ENOENT,
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class SeenDevice:
    """An accelerator's device node inside a container."""

    path: str
    kind: str
    """As stat prints it: "block special file", "character special file", "regular empty file"."""
    number: str
    """major:minor, hexadecimal."""
    opened: Opened
    identity: str
    """First line of a block device that can be read, else empty."""

    @property
    def is_device_node(self) -> bool:
        """Whether it is a device at all."""
        return self.kind.startswith(("block", "character"))

    @property
    def physical(self) -> tuple[str, str]:
        """What the kernel knows it by: two nodes with the same value are the same device."""
        return (self.kind.split(" ", 1)[0], self.number)

    def __str__(self) -> str:
        identity = f" {self.identity}" if self.identity else ""
        return f"{self.path} ({self.kind} {self.number}, open: {self.opened}{identity})"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Seen:
    """All that one container sees."""

    devices: tuple[SeenDevice, ...]
    nodes: frozenset[tuple[str, str]]
    """Every device node under /dev, as `SeenDevice.physical`."""
    raw: str

    def __str__(self) -> str:
        return ", ".join(map(str, self.devices)) or "no accelerator"


_SCAN = r"""
n=0
for p in $GLOBS; do
  [ -e "$p" ] || continue
  skip=; for c in $CONTROL; do [ "$p" = "$c" ] && skip=yes; done
  [ -z "$skip" ] || continue
  if err=$(dd if="$p" of=/dev/null count=0 2>&1); then opened=ok; else opened=$err; fi
  id=; [ ! -b "$p" ] || id=$(dd if="$p" bs=256 count=1 2>/dev/null | head -n 1 | tr -cd 'A-Za-z0-9._:-')
  [ ! -f "$p" ] || id=$(head -c 256 "$p" 2>/dev/null | head -n 1 | tr -cd 'A-Za-z0-9._:-')
  echo "RESULT: DEVICE_$n=$p|$(stat -c %F "$p")|$(stat -c %t:%T "$p")|$(echo "$opened" | head -n 1 | tr -d '|')|$id"
  n=$((n + 1))
done
echo "RESULT: DEVICES=$n"
nodes=
for p in $(find /dev \( -type b -o -type c \) 2>/dev/null); do
  t=character; [ ! -b "$p" ] || t=block
  nodes="$nodes $t=$(stat -c %t:%T "$p" 2>/dev/null)"
done
echo "RESULT: NODES=$nodes"
"""

_OPEN = r"""
p=/tmp/aic-node-$$
if err=$(mknod "$p" "$TYPE" "$MAJOR" "$MINOR" 2>&1); then made=yes; else made=$err; fi
if [ "$made" = yes ]; then
  if err=$(dd if="$p" of=/dev/null count=0 2>&1); then opened=ok; else opened=$err; fi
  rm -f "$p"
else opened=none; fi
echo "RESULT: MADE=$(echo "$made" | head -n 1)"
echo "RESULT: OPENED=$(echo "$opened" | head -n 1)"
"""


def scan(*, globs: Iterable[str], control: Iterable[str]) -> str:
    """The script that looks for device nodes of the given globs, control nodes left out."""
    return f"GLOBS='{' '.join(globs)}'\nCONTROL='{' '.join(control)}'\n{_SCAN}"


def make_and_open(device: SeenDevice) -> str:
    """The script that makes a node with a device's numbers and opens it. Numbers are decimal for mknod."""
    major, minor = (int(part, 16) for part in device.number.split(":"))
    kind = "b" if device.kind.startswith("block") else "c"
    return f"TYPE={kind}\nMAJOR={major}\nMINOR={minor}\n{_OPEN}"


def parse(output: str) -> Seen:
    """The answer of `scan`. Raises MalformedResult of the room `kube` for anything else."""
    results = pods.results(output)
    devices = []
    for index in range(int(results.get("DEVICES", "0"))):
        path, kind, number, opened, identity = results[f"DEVICE_{index}"].split("|")
        devices.append(SeenDevice(path=path, kind=kind, number=number, opened=errno_of(opened), identity=identity))
    nodes = frozenset(
        (kind, number) for kind, _, number in (word.partition("=") for word in results.get("NODES", "").split())
    )
    return Seen(devices=tuple(devices), nodes=nodes, raw=output)


def parse_open(output: str) -> tuple[bool, Opened, str]:
    """The answer of `make_and_open`: whether the node could be made, what opening gave, and the words for it."""
    results: Mapping[str, str] = pods.results(output)
    made = results["MADE"] == "yes"
    words = results["OPENED"] if made else results["MADE"]
    return made, errno_of(words), words


def errno_of(message: str) -> Opened:
    """The kind of a shell tool's message."""
    if message == "ok":
        return Opened.OK
    return next((opened for words, opened in _MESSAGES.items() if words in message), Opened.OTHER)
