"""The codemod: a folder goes in, a package and a report come out."""
