"""One rewriting a file: `rewrite(node, action, context)` on one libcst node."""
