"""What Django looks for in a database engine."""

from django_mongodb_backend import base, operations


class DatabaseOperations(operations.DatabaseOperations):
    compiler_module = "harvestsite.mongodb.compiler"


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
