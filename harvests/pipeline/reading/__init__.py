"""The parts of `iso`: from bytes to text, to a tree, to what we tell of a record."""
