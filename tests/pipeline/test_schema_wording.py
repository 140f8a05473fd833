import pytest

from harvests.pipeline.validators.schema_wording import plain_message

GMD = "{http://www.isotc211.org/2005/gmd}"
X, Y = f"{GMD}X", f"{GMD}Y"
EIGHT = ", ".join(f"{GMD}{letter}" for letter in "ABCDEFGH")


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        pytest.param(
            f"Element '{X}': This element is not expected.",
            "gmd:X is not allowed here.",
            id="nothing-more",
        ),
        pytest.param(
            f"Element '{X}': This element is not expected. Expected is ( {Y} ).",
            "gmd:X is not allowed here; expected gmd:Y.",
            id="one",
        ),
        pytest.param(
            f"Element '{X}': This element is not expected. Expected is one of "
            f"( {X}, {Y}, b ).",
            "gmd:X is not allowed here; expected gmd:X, gmd:Y or b.",
            id="some",
        ),
        pytest.param(
            f"Element '{X}': Missing child element(s). Expected is one of ( {EIGHT} ).",
            "gmd:X is incomplete; it needs gmd:A, gmd:B, gmd:C, gmd:D, gmd:E, gmd:F or "
            "one of 2 others.",
            id="many",
        ),
        pytest.param(
            f"Element '{X}': Character content other than whitespace is not allowed "
            "because the content type is 'element-only'.",
            "gmd:X contains bare text where only elements may stand.",
            id="text",
        ),
        pytest.param(
            f"Element '{X}': The attribute 'codeList' is required but missing.",
            "gmd:X lacks the attribute codeList.",
            id="attribute-missing",
        ),
        pytest.param(
            f"Element '{X}', attribute 'a': The attribute 'a' is not allowed.",
            "gmd:X must not have the attribute a.",
            id="attribute-odd",
        ),
        pytest.param(
            f"Element '{X}': 'it's\n so' is not a valid value of the atomic type "
            "'xs:integer'.",
            'gmd:X says "it\'s so"; expected a whole number.',
            id="value",
        ),
        pytest.param(
            f"Element '{X}': '' is not a valid value of the union type '{GMD}Y_Type'.",
            "gmd:X is empty; expected a value of the type gmd:Y_Type.",
            id="empty",
        ),
        pytest.param(
            f"Element '{X}': '{'x' * 101}' is not a valid value of the local "
            "atomic type.",
            f'gmd:X says "{"x" * 100}…"; expected something else.',
            id="long",
        ),
        pytest.param(
            f"Element '{X}', attribute 'u': [facet 'pattern'] The value '1 2' is not "
            "accepted by the pattern '[^ ]*'.",
            'gmd:X/@u says "1 2", which does not match [^ ]*.',
            id="pattern",
        ),
        pytest.param(
            f"Element '{X}': [facet 'length'] Of {Y} is too short.",
            "gmd:X: [facet 'length'] Of gmd:Y is too short.",
            id="rare",
        ),
        pytest.param(f"Odd {X}.", "Odd gmd:X.", id="other"),
    ],
)
def test_libxml2_is_translated(raw, plain):
    assert plain_message(raw) == plain
