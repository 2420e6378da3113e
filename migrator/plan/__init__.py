"""What becomes of every node: the actions for the codemod, and the sum of the sites."""
