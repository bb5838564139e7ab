"""The report of a run: one page of HTML with its parameters, measures and pictures."""
