"""One writer for each format that a run leaves behind, all of them made from a `RunRecord` and from nothing else.

`writer.write_all` is what the engine calls; `terminal` is what the command shows at the end of a run.
"""
