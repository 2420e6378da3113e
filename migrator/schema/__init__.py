"""Whether two sets of models describe one database: what `migrator check models` asks."""
