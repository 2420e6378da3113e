"""The only room with libcst: applies the plan to source text."""
