"""What the pytest plugin lets a legacy application's tests do with its conversion, a part a file."""
