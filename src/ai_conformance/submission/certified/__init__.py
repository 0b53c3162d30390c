"""Who is certified for which release, since when, and until when: `certificates` is the way in.

A certificate begins with the merge of its pull request and lasts a year. The date of the merge is in the history of the
program's repository and nowhere else, so without a git checkout it is not known, and said to be.
"""

from ai_conformance.submission.certified.lifetimes import WARNING_DAYS, Certificate, State, certificates

__all__ = ["WARNING_DAYS", "Certificate", "State", "certificates"]
