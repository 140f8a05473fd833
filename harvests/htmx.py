"""What parts of a page are answered when the whole page is to go elsewhere."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode


def is_part(request: HttpRequest) -> bool:
    """Tell whether a script asks, to put the answer into a page."""
    return request.headers.get("HX-Request") == "true"


def leave(url: str, *, status: int = 200) -> HttpResponse:
    """Return what makes the page that asks go to `url`, whatever the status."""
    return HttpResponse(status=status, headers={"HX-Redirect": url})


def sign_in(request: HttpRequest, *, status: int = 200) -> HttpResponse:
    """Lead the page that asks to the sign-in, and from there back to itself."""
    return leave(f"{reverse('admin:login')}{_way_back(request)}", status=status)


def _way_back(request: HttpRequest) -> str:
    page = request.headers.get("HX-Current-URL", "")
    if not url_has_allowed_host_and_scheme(page, {request.get_host()}):
        return ""
    parts = urlsplit(page)
    return "?" + urlencode({"next": parts._replace(scheme="", netloc="").geturl()})
