"""The members of the CNCF, as the landscape lists them."""

from __future__ import annotations

import pytest

from ai_conformance.submission.landscape import LandscapeError
from ai_conformance.submission.landscape.members import members

OWN = """
  - category:
    name: Platform
    subcategories:
      - subcategory:
        name: Certified Kubernetes - AI Platform
        items: []
"""


def landscape(*names: str, category: str = "CNCF Members") -> str:
    items = "".join(f"          - item:\n            name: {name}\n" for name in names)
    listed = f"  - category:\n    name: {category}\n    subcategories:\n      - subcategory:\n        name: Gold\n"
    return f"landscape:{OWN}{listed}        items:\n{items}"


def test_a_member_is_named_without_its_kind() -> None:
    text = landscape(
        "Acme Inc. (member)", "Acme Fund (supporter)", "Plain", "' (member)'", "Acme (Labs)", "X (member) (supporter)"
    )
    assert members(text) == {"Acme Inc.", "Acme Fund", "Plain", "Acme (Labs)", "X (member)"}


def test_a_landscape_without_members_is_refused() -> None:
    with pytest.raises(LandscapeError, match="CNCF Members"):
        members(landscape("Acme", category="Members"))
