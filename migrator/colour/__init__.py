"""Types of receivers, which functions must be async, what is bridged, and why."""
