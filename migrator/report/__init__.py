"""What people read: terminal, diff, JSON, SARIF, HTML."""
