"""What each query and session method means, as tables over types. Standard library only."""
