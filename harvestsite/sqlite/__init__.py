"""Django's backend for SQLite, but faster where many rows are inserted: `compiler`."""
