"""The admin: one module per model, `source_actions` for what its buttons start."""

from harvests.admin import (  # noqa: F401 - each registers its model
    causes,
    heads,
    jobs,
    organizations,
    outcomes,
    records,
    sources,
    tokens,
    trail,
    trash,
    users,
    webhooks,
)

heads.install()
