"""The official backend for MongoDB, but sorting by its indexes; see `compiler`.

Where there is no GDAL, the backend looks for it three times while it is loaded: 0.3 s
of each command. We keep no shapes, so it is told at once that there is none.
"""

import ctypes.util

_find = ctypes.util.find_library
ctypes.util.find_library = lambda _name: None
try:
    import django_mongodb_backend.base  # noqa: F401
    from django_mongodb_backend.fields import ObjectIdAutoField
finally:
    ctypes.util.find_library = _find

__all__ = ["ObjectIdAutoField"]
