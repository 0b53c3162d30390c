"""What secrets look like in text: the patterns of `redaction`, each with words without which it cannot match.

A run's evidence is megabytes of text in which nothing is to be found, so the words are looked for first. Every pattern
takes time in proportion to the text whatever it says: a workload's log is not ours, and must not hold a run up. So a
pattern begins where nothing of its own kind precedes, and is not tried again within what it has gone over.
"""

from __future__ import annotations

import dataclasses
import re
from typing import Final

_NAME: Final = (
    r"(?:password|passwd|passphrase|secret|token|credentials?"
    r"|(?:api|access|account|encryption|private|secret|signing|master|shared)[_-]?key)"
)
NAMED: Final = re.compile(
    rf"(?:^|[_.\-/]){_NAME}(?:$|[_.\-])|{_NAME}$|^(?:proxy-)?authorization$|^(?:set-)?cookie$", re.I
)
"""A variable, a header, an annotation whose name says that its value is a secret."""
FIELD: Final = re.compile(
    r"(?:password|passwd|passphrase|token|client-key-data|client-?secret|(?:api|access|secret|private|account)[_-]?key)$",
    re.I,
)
"""A field of that name has a secret as its value; `secret` alone, `credentials` and `secretName` are references."""
FLAG: Final = re.compile(rf"--?[a-z0-9_.-]*{_NAME}", re.I)
"""An argument whose value is the next argument."""

# What may stand in a name; a name is looked for from its beginning only.
_START: Final = r"(?<![A-Za-z0-9_.-])"
_RUN: Final = r"[A-Za-z0-9_.-]*"
_CUT_ALREADY: Final = r"(?!\\*[\"']?\[redacted)"
# A value ends with the quote that it began with, however often that was escaped, else where the next thing begins.
_QUOTED: Final = r"(?P<quote>\\*[\"'])(?!(?P=quote))[^\n]*?(?:(?<!\\)(?P=quote)|$)"
# Commas end it before a space or another name: what is after them may well be of the secret.
_BARE: Final = r"(?:[^\s\"'&,;<>{}\[\]()\\]|[,;](?!\s|$|\\|[A-Za-z0-9_.-]+[=:])|\\(?![nrtu\"']))+"
_NO_VALUE: Final = r"(?!(?:true|false|null|nil|none)\b|<nil>)"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Form:
    """One form. What the pattern's group ``kept`` holds stays."""

    rule: str
    words: tuple[str, ...]
    """In lower case; a text in which none of them stands does not match."""
    pattern: re.Pattern[str]
    only_with: re.Pattern[str] | None = None
    """What has to be somewhere in the text as well."""


def _form(rule: str, *words: str, pattern: str, flags: int = 0, only_with: str = "") -> Form:
    with_it = re.compile(only_with, re.M) if only_with else None
    return Form(rule=rule, words=words, pattern=re.compile(pattern, flags), only_with=with_it)


_AUTHORIZATION: Final = r"\bauthorization\\*[\"']?[ \t]*[:=][ \t]*\\*[\"']?"
_LINE: Final = r"(?:^|\\n)"
"""Where a line begins, be it of a text within a text."""
_NAME_WORDS: Final = ("password", "passwd", "passphrase", "secret", "token", "credential", "key")

FORMS: Final = (
    # Secrets as tools write them into annotations and logs; which of several objects the data is of is not asked.
    _form(
        "secret-data",
        "secret",
        pattern=r"(?P<kept>(?P<quote>\\*\")(?:data|stringData)(?P=quote)\s*:\s*)\{(?:[^{}]|\{[^{}]*\})+\}",
        only_with=r"\"kind\\*\"\s*:\s*\\*\"Secret(?:List)?\\*\"",
    ),
    _form(
        "secret-data",
        "secret",
        pattern=rf"(?P<kept>{_LINE}(?P<indent>[ \t]*)(?:data|stringData):)[ \t]*"
        r"(?:(?:\n|\\n)(?P=indent)[ \t]+(?:(?!\\n)[^\n])+)+",
        flags=re.M,
        only_with=rf"{_LINE}[ \t]*kind:[ \t]*[\"']?Secret\b",
    ),
    _form(
        "private-key",
        "private key",
        pattern=r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----.*?"
        r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)",
        flags=re.DOTALL,
    ),
    # `eyJ` is `{"` in base64. What has no dot after it is gone over once.
    _form(
        "jwt",
        "eyj",
        pattern=r"(?<![A-Za-z0-9_-])(?=[A-Za-z0-9_-]*+\.)(?P<kept>[A-Za-z0-9_-]*?)(?<![A-Za-z0-9])"
        r"eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)?",
    ),
    _form(
        "access-key",
        *("akia", "asia", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "aiza"),
        *("hf_", "nvapi-", "sk-", "xox", "dckr_pat_", "npm_", "hvs.", "ya29.", "gocspx-"),
        pattern=r"(?<![A-Za-z0-9_-])(?:A[KS]IA[A-Z2-7]{16}|gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}"
        r"|glpat-[A-Za-z0-9_-]{20,}|AIza[A-Za-z0-9_-]{35}|hf_[A-Za-z0-9]{30,}|nvapi-[A-Za-z0-9_-]{30,}"
        r"|sk-(?:proj-|ant-)?[A-Za-z0-9_-]{32,}|xox[abeprs]-[A-Za-z0-9-]{20,}|dckr_pat_[A-Za-z0-9_-]{20,}"
        r"|npm_[A-Za-z0-9]{36}|hvs\.[A-Za-z0-9_-]{24,}|ya29\.[A-Za-z0-9_-]{30,}|GOCSPX-[A-Za-z0-9_-]{20,})"
        r"(?![A-Za-z0-9_-])",
    ),
    _form(
        "bearer",
        "authorization",
        pattern=rf"(?P<kept>{_AUTHORIZATION}(?:bearer|basic|token|apikey)[ \t]+)(?!\[redacted)[^\s\"'\\]+",
        flags=re.I,
    ),
    _form(
        "bearer",
        "authorization",
        pattern=rf"(?P<kept>{_AUTHORIZATION}(?:digest|negotiate|aws4-hmac-sha256)[ \t]+)(?!\[redacted)[^\n\"'\\]+",
        flags=re.I,
    ),
    _form("bearer", "authorization", pattern=rf"(?P<kept>{_AUTHORIZATION})[A-Za-z0-9._~+/=-]{{16,}}", flags=re.I),
    _form("bearer", "bearer", pattern=r"(?P<kept>\bbearer[ \t]+)[A-Za-z0-9._~+/-]{16,}=*", flags=re.I),
    _form(
        "header",
        *("cookie", "x-api-key", "x-auth-token", "x-vault-token", "x-amz-security-token"),
        pattern=r"(?P<kept>(?<![\w-])(?:(?:set-)?cookie|x-api-key|x-auth-token|x-vault-token|x-amz-security-token)"
        r"\\*[\"']?:[ \t]*\\*[\"']?)(?!\[redacted)[^\s\"'\\\[][^\n\"'\\]*",
        flags=re.I,
    ),
    _form("url-password", "://", pattern=r"(?P<kept>://[^\s/:@\"']*:)(?!\[redacted)[^\s/@\"']+(?=@)"),
    _form("url-password", "://", pattern=r"(?P<kept>://)[A-Za-z0-9_.~%-]{20,}(?=@(?!sha\d))"),
    _form(
        "signed-url",
        *("sig=", "signature=", "-credential=", "security-token="),
        pattern=r"(?P<kept>[?&;](?:sig|signature|x-(?:amz|goog)-(?:signature|credential|security-token))=)"
        r"(?!\[redacted)[^&\s\"'\\<>]+",
        flags=re.I,
    ),
    _form(
        "docker-config",
        "auth",
        pattern=r"(?P<kept>\"auth\\*\"[ \t]*:[ \t]*\\*\")[A-Za-z0-9+/]{6,}={0,2}(?=\\*\")",
    ),
    _form(
        "password-hash",
        *("$2", "$5$", "$6$", "$y$", "$apr1$", "$argon2"),
        pattern=r"\$(?:2[abxy]|5|6|y|apr1|argon2[a-z]*)\$[A-Za-z0-9./+=,$-]{20,}",
    ),
    _form(
        "kubeconfig",
        *("client-key-data", "password", "passwd", "passphrase", "token", "secret", "key"),
        pattern=rf"(?P<kept>{_START}{_RUN}{FIELD.pattern[:-1]}\\*[\"']?:[ \t]*)"
        rf"{_CUT_ALREADY}{_NO_VALUE}(?:{_QUOTED}|{_BARE})",
        flags=re.I | re.M,
    ),
    # What `env` prints: up to the end of the word, commas and the like included.
    _form(
        "environment",
        *_NAME_WORDS,
        pattern=rf"(?P<kept>^(?:export[ \t]+)?[A-Za-z_]\w*?{_NAME}(?:_?\d+)?=){_CUT_ALREADY}[^\s\"'\\][^\s\\]*",
        flags=re.I | re.M,
    ),
    _form(
        "environment",
        *_NAME_WORDS,
        pattern=rf"(?P<kept>{_START}{_RUN}{_NAME}(?:_?\d+)?(?:[ \t]*=(?!=)[ \t]*|%3d))"
        rf"{_CUT_ALREADY}(?:{_QUOTED}|{_BARE})",
        flags=re.I | re.M,
    ),
    _form(
        "environment",
        *_NAME_WORDS,
        pattern=rf"(?P<kept>(?<![\w.-])--[a-z0-9_.-]*{_NAME}[ \t]+)(?!-){_CUT_ALREADY}(?:{_QUOTED}|{_BARE})",
        flags=re.I | re.M,
    ),
)

ENCODED: Final = re.compile(r"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{24,}={0,2}")
"""What may be base64 of a text with a secret in it."""
