"""What a cluster said in a run, kept so that the run can be judged again without the cluster.

    place      which case somebody acts for
    parts      JSON in parts, each stored once
    troubles   errors as data and back
    recorder   lines of a recording
    writing    the wire that keeps every answer (`wire.RecordingWire` of its drawing)
    reading    a recording's file, session by session
    replaying  the wire that answers from a recording

A recording is JSON lines. A run that is taken up again adds another session to the same file.
"""
