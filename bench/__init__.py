"""Speed and memory, side by side with what a user would use instead.

`python -m bench` measures and prints; nothing here passes or fails. See README.md.
"""
