"""Signing in: by e-mail address or name, in any case, and not too often."""

from typing import Any

from django.contrib.auth.hashers import (
    BCryptPasswordHasher,
    BCryptSHA256PasswordHasher,
)
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from harvests import accounts, attempts
from harvests.permissions import Roles


class SignIn(Roles):
    """Knows people by their address; the rules of permissions are those of Roles.

    A `digest` is the SHA-256 of a password, as the registry's API takes it: only who
    was brought over from the registry can be known by it (see `_fits`).
    """

    @sensitive_variables("password", "digest")
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        digest: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if username is None or (password is None and digest is None):
            return None
        address = attempts.address_of(request)
        if not attempts.take_sign_in(username, address):
            if request is not None:
                request.too_many_attempts = True  # the form says so
            raise PermissionDenied
        user = accounts.find(username)
        if user is None:
            User().set_password(password or digest)  # as long as for a known name
            return None
        if not (_fits(user, password, digest) and self.user_can_authenticate(user)):
            return None
        attempts.give_back_sign_in(username, address)
        return user


@sensitive_variables("password", "digest")
def _fits(user: User, password: str | None, digest: str | None) -> bool:
    """Tell whether the password, or its SHA-256, is that of the user.

    The registry kept bcrypt of the SHA-256 (Django: “bcrypt_sha256”), so a digest can
    be looked at until the password itself is used here, or set: then its hash is
    another one, of which a digest says nothing.
    """
    if password is not None:
        return user.check_password(password)
    algorithm, _dollar, rest = user.password.partition("$")
    if algorithm != BCryptSHA256PasswordHasher.algorithm:
        User().set_password(digest)  # takes as long
        return False
    hasher = BCryptPasswordHasher()
    return hasher.verify((digest or "").lower(), f"{hasher.algorithm}${rest}")
