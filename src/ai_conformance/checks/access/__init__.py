"""What `secure_accelerator_access` is made of.

`stage` says which pods there are and `making` makes them, `sights` says what their containers see, each looked at once
for all cases by `scene`; `judgements` decides by what was seen, `granting` and `refusing` join all that to cases.
"""
