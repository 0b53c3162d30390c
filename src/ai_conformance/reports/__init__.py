"""One writer for each format that a run can be told in, all of them made from a `RunRecord` and from nothing else.

`formats` is the table of them, `run_folder` reads the record back. `writer.write_all` is what the engine calls;
`terminal` is what the command shows at the end of a run. `comparison` sets two runs side by side.
"""
