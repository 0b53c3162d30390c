"""What a fake device does, measured: from the kernel's counters of its loop device.

A pod loads the device that it holds by reading from it past the page cache (O_DIRECT). What follows:

- utilisation: the share of the last second or so in which the device had a request in flight (the tenth field of
  /sys/block/loopN/stat, Documentation/block/stat.rst of Linux), which is what "utilisation" means on real devices too;
- memory: a constant for firmware, a context for each container that holds the device, and what was read in the last
  seconds, scaled, since a device of a megabyte would not be seen in one of gigabytes;
- temperature and power follow the utilisation, the former slowly.

Memory, temperature and power are a model of a device; the measured counters are all that feeds it.
"""

from __future__ import annotations

import collections
import dataclasses
import math
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from ai_conformance.lab.accelerators.devices import FakeDevice

BLOCK = Path("/sys/block")
INTERVAL_S = 0.25
WINDOW_S = 1.0
"""Over which utilisation is an average."""
WORKING_SET_S = 5.0
"""For how long what was read counts as in use."""
_MIB = 1 << 20
FIRMWARE_BYTES = 512 * _MIB
CONTEXT_BYTES = 256 * _MIB
SCALE = 8
"""Bytes of memory in use for each byte that was read lately."""
_SECTOR = 512
IDLE_C, SPAN_C, SETTLES_S = 31.0, 44.0, 6.0
IDLE_W, SPAN_W = 58.0, 290.0


@dataclasses.dataclass(frozen=True, kw_only=True)
class Counters:
    """A loop device's counters at one moment."""

    at_s: float
    busy_ms: int
    read_bytes: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class Reading:
    """One device, as it is told to the world."""

    utilisation: float
    """0 to 1."""
    copy_utilisation: float
    """0 to 1: of the engine that moves data, which says little about computing."""
    memory_used_bytes: int
    memory_total_bytes: int
    temperature_c: float
    power_w: float


def counters(text: str, *, at_s: float) -> Counters:
    """From the text of a `stat` file. ValueError or IndexError if it is none."""
    fields = text.split()
    return Counters(at_s=at_s, busy_ms=int(fields[9]), read_bytes=int(fields[2]) * _SECTOR)


class Gauge:
    """One device over the last seconds."""

    def __init__(self, *, memory_bytes: int) -> None:
        self._memory_bytes = memory_bytes
        self._seen: collections.deque[Counters] = collections.deque()
        self._temperature_c = IDLE_C

    def add(self, now: Counters) -> None:
        """Take in the counters as they are now."""
        before = self._seen[-1].at_s if self._seen else now.at_s
        self._seen.append(now)
        while now.at_s - self._seen[0].at_s > WORKING_SET_S:
            self._seen.popleft()
        step = 1 - math.exp(-(now.at_s - before) / SETTLES_S)
        self._temperature_c += step * (IDLE_C + SPAN_C * self.utilisation - self._temperature_c)

    @property
    def utilisation(self) -> float:
        """Over the last `WINDOW_S`."""
        if len(self._seen) < 2:
            return 0.0
        last = self._seen[-1]
        first = next(one for one in self._seen if last.at_s - one.at_s <= WINDOW_S + INTERVAL_S / 2)
        if first is last:
            first = self._seen[-2]
        return min(1.0, max(0.0, (last.busy_ms - first.busy_ms) / 1000 / (last.at_s - first.at_s)))

    def reading(self, *, holders: int) -> Reading:
        """What it says now, with so many containers holding it."""
        used = FIRMWARE_BYTES + holders * CONTEXT_BYTES
        if self._seen:
            used += (self._seen[-1].read_bytes - self._seen[0].read_bytes) * SCALE
        utilisation = self.utilisation
        return Reading(
            utilisation=utilisation,
            copy_utilisation=utilisation / 3,
            memory_used_bytes=min(used, self._memory_bytes - FIRMWARE_BYTES),
            memory_total_bytes=self._memory_bytes,
            temperature_c=self._temperature_c,
            power_w=IDLE_W + SPAN_W * utilisation,
        )


class Sampler:
    """Reads the counters of all devices of a node in a thread of its own."""

    def __init__(self, devices: Sequence[FakeDevice], *, memory_bytes: int, block: Path = BLOCK) -> None:
        self._files = {one.index: block / f"loop{one.loop_number}" / "stat" for one in devices}
        self._gauges = {one.index: Gauge(memory_bytes=memory_bytes) for one in devices}
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    def start(self) -> None:
        """Begin to sample; the first values are there when this returns."""
        self.sample()
        threading.Thread(target=self._run, name="sampler", daemon=True).start()

    def stop(self) -> None:
        """End the thread."""
        self._stopped.set()

    def sample(self) -> None:
        """Look once at every device."""
        for index, file in self._files.items():
            seen = counters(file.read_text(), at_s=time.monotonic())
            with self._lock:
                self._gauges[index].add(seen)

    def readings(self, *, holders: Mapping[int, int]) -> dict[int, Reading]:
        """By the devices' index; ``holders`` counts the containers that hold each."""
        with self._lock:
            return {index: gauge.reading(holders=holders.get(index, 0)) for index, gauge in self._gauges.items()}

    def _run(self) -> None:
        while not self._stopped.wait(INTERVAL_S):
            self.sample()
