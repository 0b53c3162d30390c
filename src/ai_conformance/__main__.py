"""The command `ai-conformance`, also as `python -m ai_conformance`.

Nothing is imported up here that takes time: whoever interrupts while the rest is being imported gets no traceback.
"""

import os
import signal

_INTERRUPTED = 4
"""`ExitCode.INTERRUPTED`, which is not imported yet when it is needed."""


def main() -> None:
    """Import the command and call it."""
    handler = signal.getsignal(signal.SIGINT)
    # A shell lets what it starts in the background ignore Ctrl-C; that stays.
    if handler is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)
    from ai_conformance.cli.main import main as command  # noqa: PLC0415 - this is what takes time

    if handler is signal.default_int_handler:
        signal.signal(signal.SIGINT, handler)
    command()


def _leave(*_: object) -> None:
    """End at once, since nothing was begun. An exception could get lost in the middle of an import."""
    os.write(2, b"Interrupted.\n")
    os._exit(_INTERRUPTED)


if __name__ == "__main__":
    main()
