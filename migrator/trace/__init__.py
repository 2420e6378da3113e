"""The evidence of `migrator trace`, read: what the recorder wrote, as frozen data."""
