"""What a container sees of accelerators: a shell script that runs inside it, and its answer as data.

The script needs a POSIX shell, `stat` and `dd`, nothing of a vendor. That a tool is missing from an image is no proof
of anything; that a device node cannot be opened is.
"""

from __future__ import annotations

import dataclasses
import enum
from collections.abc import Iterable

from ai_conformance.kube import errors, pods


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
class Attempt:
    """A device node that a container made for itself, and opened."""

    physical: tuple[str, str]
    made: bool
    """Whether mknod was allowed; if not, `result` and `words` are mknod's."""
    result: Opened
    words: str

    def __str__(self) -> str:
        kind, number = self.physical
        return f"{'open' if self.made else 'mknod'} of {kind} device {number}: {self.result}"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Seen:
    """All that one container sees."""

    devices: tuple[SeenDevice, ...]
    nodes: frozenset[tuple[str, str]]
    """Every device node under /dev, as `SeenDevice.physical`."""
    attempts: tuple[Attempt, ...] = ()
    """In the order asked for; those for the devices that were found come last."""
    raw: str

    def attempt(self, physical: tuple[str, str]) -> Attempt | None:
        """What came of opening a device by its numbers, if that was tried."""
        return next((one for one in self.attempts if one.physical == physical), None)

    def __str__(self) -> str:
        shown = ", ".join(map(str, self.devices[:2])) or "no accelerator"
        more = len(self.devices) - 2
        return f"{shown} and {more} more" if more > 0 else shown


_SCAN = r"""
if [ -n "$HEAR" ]; then
  until [ -e "$HEAR" ]; do sleep 0.2 2>/dev/null || sleep 1; done
  NUMBERS=$(cat "$HEAR")
fi
n=0; mine=
for p in $GLOBS; do
  [ -e "$p" ] || continue
  skip=; for c in $CONTROL; do [ "$p" = "$c" ] && skip=yes; done
  [ -z "$skip" ] || continue
  if err=$(dd if="$p" of=/dev/null count=0 2>&1); then opened=ok; else opened=$err; fi
  id=; [ ! -b "$p" ] || id=$(dd if="$p" bs=256 count=1 2>/dev/null | head -n 1 | tr -cd 'A-Za-z0-9._:-')
  [ ! -f "$p" ] || id=$(head -c 256 "$p" 2>/dev/null | head -n 1 | tr -cd 'A-Za-z0-9._:-')
  echo "RESULT: DEVICE_$n=$p|$(stat -c %F "$p")|$(stat -c %t:%T "$p")|$(echo "$opened" | head -n 1 | tr -d '|')|$id"
  t=; [ ! -b "$p" ] || t=b; [ ! -c "$p" ] || t=c
  [ -z "$t" ] || mine="$mine $t:$(stat -c %t:%T "$p")"
  n=$((n + 1))
done
[ -z "$TELL" ] || { echo "$mine" > "$TELL.new" && mv "$TELL.new" "$TELL"; }
[ -z "$OWN" ] || NUMBERS="$NUMBERS $mine"
i=0
for number in $NUMBERS; do
  t=${number%%:*}; minor=${number##*:}; major=${number#*:}; major=${major%:*}
  node=/tmp/aic-node-$$-$i
  if err=$(mknod "$node" "$t" "$((0x$major))" "$((0x$minor))" 2>&1); then
    made=yes
    if err=$(dd if="$node" of=/dev/null count=0 2>&1); then said=ok; else said=$err; fi
    rm -f "$node"
  else made=no; said=$err; fi
  echo "RESULT: OPEN_$i=$number|$made|$(echo "$said" | head -n 1 | tr -d '|')"
  i=$((i + 1))
done
nodes=
for p in $(find /dev \( -type b -o -type c \) 2>/dev/null); do
  t=character; [ ! -b "$p" ] || t=block
  nodes="$nodes $t=$(stat -c %t:%T "$p" 2>/dev/null)"
done
echo "RESULT: NODES=$nodes"
echo "RESULT: OPENS=$i"
echo "RESULT: DEVICES=$n"
"""

_LETTER = {"block": "b", "character": "c"}


def scan(
    *,
    globs: Iterable[str],
    control: Iterable[str],
    open_own: bool = False,
    open_numbers: Iterable[tuple[str, str]] = (),
    tell: str = "",
    hear: str = "",
) -> str:
    """The script that looks for device nodes of the given globs, control nodes left out.

    It also makes nodes of its own with the numbers (`SeenDevice.physical`) of others, of the devices that it found if
    `open_own`, and opens them: that needs CAP_MKNOD, and tells isolation by the device cgroup from a path left out.
    `tell` is a file to which it writes the numbers that it found. With `hear` it waits for such a file and opens the
    numbers in there instead of `open_numbers`: so one container asks another of its pod, without an exec.
    """
    numbers = " ".join(f"{_LETTER[kind]}:{number}" for kind, number in open_numbers)
    head = {
        "GLOBS": " ".join(globs),
        "CONTROL": " ".join(control),
        "NUMBERS": numbers,
        "OWN": "yes" * open_own,
        "TELL": tell,
        "HEAR": hear,
    }
    return "".join(f"{name}='{value}'\n" for name, value in head.items()) + _SCAN


def parse(output: str) -> Seen:
    """The answer of `scan`. Raises MalformedResult of the room `kube` for anything else, a part of it included."""
    results = pods.results(output)
    try:
        devices = [_device(results[f"DEVICE_{index}"]) for index in range(int(results["DEVICES"]))]
        attempts = [_attempt(results[f"OPEN_{index}"]) for index in range(int(results["OPENS"]))]
        words = [word.partition("=") for word in results["NODES"].split()]
    except (KeyError, ValueError) as error:
        raise errors.MalformedResult(f"the probe's answer is not whole ({error!r}): {output[-300:]!r}") from error
    nodes = frozenset((kind, number) for kind, _, number in words)
    return Seen(devices=tuple(devices), nodes=nodes, attempts=tuple(attempts), raw=output)


def _device(line: str) -> SeenDevice:
    path, kind, number, opened, identity = line.split("|")
    return SeenDevice(path=path, kind=kind, number=number, opened=errno_of(opened), identity=identity)


def _attempt(line: str) -> Attempt:
    name, made, said = line.split("|")
    letter, _, number = name.partition(":")
    kind = next(kind for kind, short in _LETTER.items() if short == letter)
    return Attempt(physical=(kind, number), made=made == "yes", result=errno_of(said), words=said)


def errno_of(message: str) -> Opened:
    """The kind of a shell tool's message."""
    if message == "ok":
        return Opened.OK
    return next((opened for words, opened in _MESSAGES.items() if words in message), Opened.OTHER)
