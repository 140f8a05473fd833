"""The desk: the dashboard and the pages of sources, where people work."""
