"""Logging: LOG_CFG names a file (YAML or JSON) for logging.config.dictConfig."""

import logging.config
from pathlib import Path
from typing import Any

from harvestsite.environment import Environment

DEFAULT: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"level": "WARNING", "handlers": ["console"]},
    "loggers": {"harvests": {"level": "INFO"}},
}


def logging_from(env: Environment, name: str) -> dict[str, Any]:
    """Return the logging configuration; a file that cannot be used is a problem."""
    path = env.text(name)
    if not path:
        return DEFAULT
    import yaml  # takes 10 ms to load

    try:
        config = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        logging.config.dictConfig(config)
    except (OSError, ValueError, TypeError, AttributeError, yaml.YAMLError) as error:
        hint = "Give the path of a YAML or JSON file for logging.config.dictConfig."
        env.problem("E008", name, f"not a logging configuration ({error})", hint)
        return DEFAULT
    return dict(config)
