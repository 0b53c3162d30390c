"""A run's folder packed for others: whole, always the same bytes, signed if somebody vouches for it, and checkable.

    manifest.sha256          SHA-256 of every file of the run; `sha256sum -c` reads it
    statement.json           an in-toto statement: the same digests, whose run it was, and its verdicts
    statement.dsse.json      that statement in a DSSE envelope with its signatures, once somebody has signed
    keys/<key id>.pem        the public half of every key that has signed
    sigstore/<SHA-256>.json  that statement signed by way of Sigstore, once for each who has done so
    sigstore/<SHA-256>.pem   the certificate of that signature
    run/...                  the run's folder

It is a plain tar archive (`layout`). Not a compressed one: what a compressor writes depends on its version, so nobody
could tell from the bytes whether something was changed or compressed elsewhere; and what is not compressed cannot
unfold into more than was sent.

`making` packs, `signing` and `keyless` sign, `verifying` tells what was altered.
"""
