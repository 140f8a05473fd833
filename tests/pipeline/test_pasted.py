"""What people paste, and the address they meant."""

import pytest

from harvests.pipeline.errors import DetectionError
from harvests.pipeline.pasted import Address, repair, with_slash

WAF = "http://h.org/waf/"


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        pytest.param("  http://h.org/waf/ \n", WAF, id="blanks"),
        pytest.param("\ufeffhttp://h.org/\u200bwaf/", WAF, id="invisible"),
        pytest.param("http://h.org/waf/\xa0", WAF, id="no-break-space"),
        pytest.param('"http://h.org/waf/"', WAF, id="quotes"),
        pytest.param("“http://h.org/waf/”,", WAF, id="typographic-quotes"),
        pytest.param("<http://h.org/waf/>", WAF, id="angle-brackets"),
        pytest.param("(http://h.org/waf/);", WAF, id="brackets"),
        pytest.param("URL: http://h.org/waf/", WAF, id="after-a-word"),
        pytest.param("see http://h.org/waf/, please", WAF, id="in-a-sentence"),
        pytest.param('<a href="http://h.org/waf/">x</a>', WAF, id="html-link"),
        pytest.param("http://h.org/\r\n  waf/", WAF, id="broken-line"),
        pytest.param("HTTP://h.org/waf/", WAF, id="capitals"),
        pytest.param("http:\\\\h.org\\waf\\", WAF, id="backslashes"),
        pytest.param("http:/h.org/waf/", WAF, id="one-slash"),
        pytest.param("http:h.org/waf/", WAF, id="no-slash"),
        pytest.param("http:///h.org/waf/", WAF, id="three-slashes"),
        pytest.param("http//h.org/waf/", WAF, id="no-colon"),
        pytest.param("http :// h.org/waf/", WAF, id="blanks-within"),
        pytest.param("https://http://h.org/waf/", WAF, id="two-schemes"),
        pytest.param("http%3A%2F%2Fh.org%2Fwaf%2F", WAF, id="escaped"),
        pytest.param("http://h.org/waf/#top", WAF, id="fragment"),
        pytest.param("http://h.org", "http://h.org/", id="no-path"),
        pytest.param("http://h/waf/", "http://h/waf/", id="short-host"),
        pytest.param(
            "http://h.org/c?a=1&amp;b=2", "http://h.org/c?a=1&b=2", id="entities"
        ),
        pytest.param(
            "http://h.org/my waf/", "http://h.org/my waf/", id="blank-in-the-path"
        ),
        pytest.param(
            "http://h.org/p?u=http://x.org/\\",
            "http://h.org/p?u=http://x.org/\\",
            id="address-in-the-query",
        ),
    ],
)
def test_what_is_around_or_wrong_is_mended(pasted, meant):
    assert repair(pasted) == Address(meant)


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        pytest.param("h.org/waf/", "https://h.org/waf/", id="name"),
        pytest.param("//h.org/waf/", "https://h.org/waf/", id="slashes"),
        pytest.param("h.org:8080/waf/", "https://h.org:8080/waf/", id="port"),
        pytest.param("h.org:8080", "https://h.org:8080/", id="port-alone"),
        pytest.param("localhost:80/waf/", "https://localhost:80/waf/", id="localhost"),
        pytest.param("127.0.0.1/waf", "https://127.0.0.1/waf", id="number"),
        pytest.param("bücher.de/waf", "https://bücher.de/waf", id="umlaut"),
    ],
)
def test_a_missing_scheme_is_guessed(pasted, meant):
    assert repair(pasted) == Address(meant, is_guessed=True)


@pytest.mark.parametrize(
    ("pasted", "reason"),
    [
        pytest.param("", "Nothing was given", id="nothing"),
        pytest.param(' "" ', "Nothing was given", id="quotes-only"),
        pytest.param("h.org/" + "x" * 2000, "too long", id="long"),
        pytest.param("mailto:me@h.org", "is an e-mail address", id="mailto"),
        pytest.param("me@h.org", "is an e-mail address", id="mail"),
        pytest.param("ftp://h.org/waf/", "is on an FTP server", id="ftp"),
        pytest.param("s3://bucket/waf/", "bucket by its internal name", id="s3"),
        pytest.param("javascript:alert(1)", "starts with javascript:", id="script"),
        pytest.param("file:///waf/", "is a file on a computer", id="file"),
        pytest.param("C:\\waf\\", "is a file on a computer", id="drive"),
        pytest.param("\\\\server\\waf", "is a file on a computer", id="network-drive"),
        pytest.param("/srv/waf/", "is a file on a computer", id="path"),
        pytest.param("../waf", "is a file on a computer", id="relative-path"),
        pytest.param("our waf", "is no web address", id="words"),
        pytest.param("waf", "is no web address", id="word"),
        pytest.param("http://", "is no web address", id="scheme-only"),
        pytest.param("http://h.org:port/", "is no address", id="odd-port"),
        pytest.param("http://[::1/", "is no address", id="half-a-bracket"),
        pytest.param("h.org:waf", "is no address", id="port-that-is-none"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(pasted, reason):
    with pytest.raises(DetectionError, match=reason):
        repair(pasted)


@pytest.mark.parametrize("user", ["me:secret@", "me@", "me:se@cret@"])
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_a_password_in_the_address_is_refused_and_not_repeated(scheme, user):
    with pytest.raises(DetectionError, match="access settings") as caught:
        repair(f"{scheme}{user}h.org/waf/")
    assert "secret" not in str(caught.value)
    assert "cret@" not in str(caught.value)


def test_variants_are_the_folder_of_an_index_page_and_the_lost_slash():
    assert list(Address("http://h/a/Index.html").variants()) == [
        "http://h/a/",
        "http://h/a/Index.html",
    ]
    assert list(Address("http://h/a").variants()) == ["http://h/a", "http://h/a/"]
    assert list(Address("http://h/a/").variants()) == ["http://h/a/"]


def test_a_query_or_a_file_gets_no_slash():
    assert with_slash("http://h/a?b") == ""
    assert with_slash("http://h/a.xml") == ""


def test_the_other_scheme_drops_the_first_one_s_port():
    other = Address("http://h:80/a?b=c").other_scheme()
    assert other == Address("https://h/a?b=c")
    assert other.other_scheme() == Address("http://h/a?b=c")
    assert Address("http://h:8080/").other_scheme().url == "https://h:8080/"
