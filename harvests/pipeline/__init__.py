"""From a remote catalogue to the store. Pure: no Django, no RQ, no environment."""
