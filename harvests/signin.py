"""Signing in: by e-mail address or name, in any case, and not too often."""

from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.views.decorators.debug import sensitive_variables

from harvests import accounts, attempts
from harvests.permissions import Roles


class SignIn(Roles):
    """Knows people by their address; the rules of permissions are those of Roles."""

    @sensitive_variables("password")
    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> User | None:
        if username is None or password is None:
            return None
        address = attempts.address_of(request)
        if not attempts.take_sign_in(username, address):
            if request is not None:
                request.too_many_attempts = True  # the form says so
            raise PermissionDenied
        user = accounts.find(username)
        if user is None:
            User().set_password(password)  # takes as long as for a known name
            return None
        if not (user.check_password(password) and self.user_can_authenticate(user)):
            return None
        attempts.give_back_sign_in(username, address)
        return user
