"""Loader options at queries whose objects load something lazily, one by one."""
