"""The new package on the disk: all files or none."""
