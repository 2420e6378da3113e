"""What is in the repository: modules, imports, classes, models, functions. Standard library only."""
