"""Keeps texts unreadable to who has the database but not the site's keys.

The keys come from SECRETS_KEY: the first one encrypts, all of them decrypt, and so
does SECRET_KEY, which is all there is while SECRETS_KEY is not set.
"""

from base64 import urlsafe_b64encode
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.views.decorators.debug import sensitive_variables

PURPOSE: Final = b"catalog-harvesting access data"


class SealBrokenError(Exception):
    """None of the keys opens the text, or it is not one of ours."""


@sensitive_variables()
def seal(text: str) -> str:
    return _keys().encrypt(text.encode()).decode()


@sensitive_variables()
def unseal(sealed: str) -> str:
    """Return what was sealed. Raises SealBrokenError."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SealBrokenError from error


def reseal(sealed: str) -> str:
    """Return the same, sealed with the first key. Raises SealBrokenError."""
    try:
        return _keys().rotate(sealed.encode()).decode()
    except InvalidToken as error:
        raise SealBrokenError from error


@sensitive_variables()
def _keys() -> MultiFernet:
    texts = (*settings.SECRETS_KEY, settings.SECRET_KEY)
    return MultiFernet([_key(text) for text in texts])


@sensitive_variables()
def _key(text: str) -> Fernet:
    """Make a key of any text: what an operator has at hand need not be a Fernet key."""
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE)
    return Fernet(urlsafe_b64encode(derived.derive(text.encode())))
