"""A small HTTP server that plays data providers, for newcomers and for tests."""

from demo.server import DemoProvider as DemoProvider
from demo.server import start as demo_provider

__all__ = ["DemoProvider", "demo_provider"]
