"""One rewriting a file: `rewrite(node, action, context)` on one libcst node.

What each does, with examples that are its tests, is on its page: docs/rules/NAME.md; docs/rules/README.md
lists them all. docs/adding-a-rule.md says how one is added.
"""
