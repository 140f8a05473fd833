"""The official backend for MongoDB, but sorting by its indexes; see `compiler`."""
