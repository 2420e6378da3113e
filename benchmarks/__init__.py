"""What things cost, measured on the reader's machine; each command writes its part of docs/benchmarks.md."""
