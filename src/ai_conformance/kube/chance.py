"""Names and numbers that nobody can foresee, drawn so that a replay of the run draws the same.

All come from one seed, which is as unforeseeable as `secrets` makes it, and which a recording keeps. What is drawn
depends on who draws, for what, and how often before; not on what others draw meanwhile. So tasks that go side by side
draw the same in a replay, in whatever order their turns come.
"""

from __future__ import annotations

import collections
import hashlib
import hmac
import secrets

_SEED_BYTES = 16


def new_seed() -> str:
    """One that nobody has had."""
    return secrets.token_hex(_SEED_BYTES)


class Chance:
    """All draws from one seed."""

    def __init__(self, seed: str | None = None) -> None:
        self.seed = new_seed() if seed is None else seed
        self._key = self.seed.encode()
        self._drawn: collections.Counter[tuple[str, str]] = collections.Counter()

    def of(self, who: str) -> Draws:
        """The draws of one actor."""
        return Draws(self, who)

    def drawn(self, who: str, what: str) -> bytes:
        """32 bytes, others each time."""
        number = self._drawn[who, what]
        self._drawn[who, what] += 1
        return hmac.new(self._key, f"{who}\0{what}\0{number}".encode(), hashlib.sha256).digest()


class Draws:
    """What one actor draws. ``of`` says for what: draws side by side need different words."""

    def __init__(self, chance: Chance, who: str) -> None:
        self._chance = chance
        self._who = who

    def token_hex(self, size_bytes: int, *, of: str) -> str:
        """Twice as many hexadecimal digits; at most 32 bytes."""
        return self._chance.drawn(self._who, of)[:size_bytes].hex()

    def below(self, limit: int, *, of: str) -> int:
        """A number from 0 to ``limit`` - 1, each as likely as the others (to one in 2**200)."""
        return int.from_bytes(self._chance.drawn(self._who, of), "big") % limit
