"""Signatures of an identity instead of a key, by way of Sigstore (https://docs.sigstore.dev).

    signature   one such signature as a file, looked at without trusting anybody
    files       all of them in a bundle
    extra       whether the library is there, which is an extra
    trust       the roots that are trusted, the public one or one's own
    identity    who signs
    judging     whether a signature is that of an identity; the library decides
    signing     makes one; the library does

The first two need no more than the rest of the bundle does, so that an altered file is noticed without the extra.
"""
