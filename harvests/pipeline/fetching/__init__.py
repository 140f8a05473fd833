"""The parts of `fetch`, the only door to the network."""
