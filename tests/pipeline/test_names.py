"""Which file names were given because another one was taken."""

import pytest

from harvests.pipeline.names import alternative, is_alternative

LONG = "a" * 210


@pytest.mark.parametrize("wished", ["a.xml", "a-b.xml", f"{LONG}.xml", "å.b.xml"])
def test_another_name_is_known_as_one(wished):
    assert is_alternative(alternative(wished, "source", "http://x/a"), wished)


@pytest.mark.parametrize(
    "wished", ["a.xml", "a-0123abcd.xml", f"{'a' * 200}-0123abcd.xml"]
)
def test_the_wished_name_is_no_other_one(wished):
    assert not is_alternative(wished, wished)
