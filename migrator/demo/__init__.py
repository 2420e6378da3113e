"""The parts of `migrator demo`: a folder to work in, a throw-away database, two running servers."""
