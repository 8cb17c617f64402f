"""The source code beside a log: call sites of its messages, and the files that its stacks name."""
