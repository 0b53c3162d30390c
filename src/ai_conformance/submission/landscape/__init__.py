"""The entry in the CNCF landscape after a merge: what has to change in its file, as a patch that was tried.

The file has some fifty thousand lines that others wrote, so it is changed by lines and not written anew; the result is
read again, and no patch is shown unless it says everything that the file said before but for the planned changes.
"""

from ai_conformance.submission.landscape.planning import Change, ChangeKind, Plan, Product, plan
from ai_conformance.submission.landscape.reading import LandscapeError

__all__ = ["Change", "ChangeKind", "LandscapeError", "Plan", "Product", "plan"]
