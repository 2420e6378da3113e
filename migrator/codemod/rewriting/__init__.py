"""One module's new text: the plan's edits, applied by position."""
