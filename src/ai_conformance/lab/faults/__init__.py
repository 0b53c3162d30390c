"""Ways in which the lab breaks conformance on purpose, so that every check can be seen to fail.

A verdict is worth what the check would have said of a broken platform. Each fault is one way to be broken: it has a
name, can be put on and taken off a running lab from any process, and has taken effect when `apply` returns.

    registry    which faults there are
    operations  apply, clear, and what is active now
    effects     how a fault is brought about
"""
