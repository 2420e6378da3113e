"""A small shop, written in legacy style: what the differential tests convert."""
