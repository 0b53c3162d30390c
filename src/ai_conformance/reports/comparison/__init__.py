"""Two runs side by side: what got better, worse and slower from the one to the other.

`comparing.compare` is the whole of it, a pure function of two records; `findings` is what it gives, `matching` knows
what belongs to what, `judging` what a change of a verdict is worth, `timing` what is beyond noise. `sections` puts it
into words, which `outputs` prints as text, Markdown or JSON.
"""
