"""The API: JSON under /api/v3 with its OpenAPI document, and the predecessor's routes.

Programs sign in with a token, browsers with their session. What they may do is what
the person may do on the site (`harvests.permissions`), checked by the same forms.
"""
