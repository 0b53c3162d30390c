"""Ctrl-C and SIGTERM during a run: the first ends it and cleans up, the second gives up the clean-up as well."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Iterator

SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """Cancels the task in which it was made."""

    def __init__(self, *, say: Callable[[str], None]) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._say = say
        self._over = False
        self.times = 0
        """How often the user has asked."""

    @contextlib.contextmanager
    def handling(self) -> Iterator[None]:
        """Take the signals for the time of a block."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._by_user)
        try:
            yield
        finally:
            for number in SIGNALS:
                loop.remove_signal_handler(number)

    def stop(self) -> None:
        """End the run for another reason than the user's wish; it cleans up."""
        if not self._over:
            self._task.cancel()

    def over(self) -> None:
        """The run has ended: its reports are written in a moment and nothing is left to interrupt."""
        self._over = True

    def _by_user(self) -> None:
        if self._over:
            return
        self.times += 1
        if self.times == 1:
            self._say("Interrupted: cleaning up. Interrupt again to leave at once.")
        elif self.times == 2:
            self._say("Interrupted again: the clean-up is abandoned.")
        self._task.cancel()
