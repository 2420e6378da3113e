"""Which functions must be async, what is bridged, and why."""
