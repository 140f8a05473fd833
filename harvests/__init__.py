"""Catalog Harvesting: remote catalogues in, one complete and valid WAF out."""

__version__ = "0.1.0"
