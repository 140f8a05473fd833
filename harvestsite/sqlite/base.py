"""What Django looks for in a database engine."""

import contextlib
from pathlib import Path
from typing import Any

from django.db.backends.sqlite3 import base, operations


class DatabaseOperations(operations.DatabaseOperations):
    compiler_module = "harvestsite.sqlite.compiler"


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Make the file's folder, not earlier: a check leaves nothing behind."""
        with contextlib.suppress(OSError):  # SQLite says what is wrong
            Path(conn_params["database"]).parent.mkdir(parents=True, exist_ok=True)
        return super().get_new_connection(conn_params)
