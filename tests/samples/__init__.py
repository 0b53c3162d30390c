"""Files for tests that were made by the tool itself or that are laid out as a user's are."""

from pathlib import Path

RUN = Path(__file__).parent / "run"
"""A run on the lab: three requirements passed, the others wait for a person."""
