"""What the models share: keys, and what makes a value acceptable."""

import secrets

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator, URLValidator
from django.db import models

URL_INVALID = (
    "This is not a web address: give the whole address of the folder or service, "
    "such as https://example.org/waf/."
)
WEB_URL = URLValidator(schemes=["http", "https"], message=URL_INVALID)
NO_PASSWORD = RegexValidator(
    r"^[a-z]+://[^/?#]*@",
    "Leave out the name and password before the @: they would be shown with the URL.",
    inverse_match=True,
)
SITE_URL = RegexValidator(
    r"^(https?|ftp)://", "Give a URL that starts with http://, https:// or ftp://."
)
CKAN_SOURCE = RegexValidator(
    r"^(https?://[^/\s]+/\S*[^/\s]/?|[\w-]{2,100})$",
    "Give the address of the harvest source in CKAN, such as "
    "https://ckan.example.org/harvest/ocean, or its name alone: “ocean”.",
)
FOLDER_NAME = RegexValidator(
    r"^(?![._~])[^/\\\x00-\x1f\x7f?#%]{1,100}(?<![. ])$",
    "Use a name that can be a folder: at most 100 characters, none of / \\ ? # %%, "
    "and no dot at the start or the end.",
)

NO_CONTROL = RegexValidator(
    r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]",
    "Take out the character that cannot be seen (a control character): feeds and other "
    "XML cannot hold it. Type the name anew rather than paste it.",
    inverse_match=True,
)


def validate_bytes(name: str) -> None:
    """Raise ValidationError if a folder of this name is more than a disk takes."""
    if len(name.encode()) > 200:
        raise ValidationError("Use a shorter name: it takes more than 200 bytes.")


# A letter for each of the 256 bytes; that some are likelier does no harm to a key.
_LETTERS = (b"23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz" * 5)[:256]


def new_key() -> str:
    """Return a 17 character key, as the predecessor's Meteor made them."""
    return secrets.token_bytes(17).translate(_LETTERS).decode()


def key_field() -> models.CharField:
    return models.CharField(
        primary_key=True,
        db_column="_id",
        max_length=64,
        default=new_key,
        editable=False,
    )
