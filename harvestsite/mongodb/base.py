"""What Django looks for in a database engine."""

from django_mongodb_backend import base, operations


class DatabaseOperations(operations.DatabaseOperations):
    """Looks for foreign text as it is: it is no pattern, and may hold a NUL.

    The official backend escapes nothing for `iexact`, and MongoDB refuses a NUL.
    """

    compiler_module = "harvestsite.mongodb.compiler"

    def prep_for_like_query(self, x: str) -> str:
        return super().prep_for_like_query(x).replace("\0", r"\x00")

    prep_for_iexact_query = prep_for_like_query


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
