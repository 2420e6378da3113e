"""Types of receivers: every function is evaluated, over types, until nothing that flows between them changes."""
