"""The forms of schema errors that real records have, most special first.

Counted over the corpus; a test holds that each of its errors finds its advice here.
"""

from typing import Final

from harvests.advice.words import ERDDAP, GEONETWORK, THREDDS, Advice

_ATTRIBUTE_PREFIX = Advice(
    "The attribute has a namespace prefix that it must not have: for XML, gml:uom and "
    "uom are two attributes.",
    "Write it without the prefix (uom, codeSpace, indeterminatePosition).",
)
_GML_ID = Advice(
    "Every GML object, such as gml:TimePeriod, must have an id of its own.",
    'Add gml:id="…": it starts with a letter and occurs once in the document.',
)
_ID = Advice(
    "The id is not a name that XML allows, or occurs twice in the document.",
    "Let it start with a letter or _, without blanks, colons or slashes, and make it "
    "unique. An identifier such as a DOI or a number belongs in gmd:identifier.",
)
_ATTRIBUTE_MISSING = Advice(
    "The element lacks an attribute that it must have.",
    "Add the attribute that the message names; for a measure, uom is its unit.",
)
_ATTRIBUTE_TOO_MUCH = Advice(
    "The element has an attribute that the standard does not know at this place.",
    "Remove the attribute, or correct its name and prefix.",
)
BARE_TEXT: Final = Advice(
    "Text stands directly in an element that may hold other elements only. Where the "
    "line shows no text, it is a stray letter, such as a dash or >, between two tags.",
    "Put the text into <gco:CharacterString>…</gco:CharacterString> (or the element "
    "that belongs there), or delete the stray letter.",
)
_SPELLING = Advice(
    "XML tells capitals from small letters: gco:characterString is not "
    "gco:CharacterString.",
    "Correct the spelling of the tag, at its start and at its end.",
)
_CODE = Advice(
    "Free text stands where the standard wants a value of a code list.",
    'Write the code element that the message names, with codeList="…" and '
    'codeListValue="…".',
    {GEONETWORK: "choose the value from the list of that field"},
)
_PERIOD = Advice(
    "The period has no begin or no end, so that no search by time finds the data.",
    "Write gml:beginPosition and gml:endPosition. If one is not known or goes on, "
    'leave it empty with indeterminatePosition="unknown" or "now".',
    {
        ERDDAP: "the “actual_range” of the variable time in datasets.xml",
        THREDDS: "time_coverage_start and time_coverage_end of the file, or "
        "<timeCoverage> in the catalogue",
        GEONETWORK: "Identification › Extent › Temporal extent",
    },
)
MISSING_CHILD: Final = Advice(
    "Something that the standard demands is not there.",
    "Add one of the elements that the message names, in the order that it names "
    'them. If the value is not known, write the element with gco:nilReason="missing" '
    "(or unknown, inapplicable).",
)
_ORDER = Advice(
    "At this place the standard expects another element. Either one that must stand "
    "before it is missing, or the order is wrong (in ISO 19139 it is fixed), or the "
    "name is misspelt, or it may occur once only.",
    "Compare with what the message expects: add the missing element before it, move "
    "it to its place, or correct its name and prefix.",
)
_TOO_MANY = Advice(
    "Nothing more may stand here: the parent takes one such element, and has it "
    "already, or takes none.",
    "Give each its own parent (two gmd:MD_Keywords need two gmd:descriptiveKeywords), "
    "or remove it.",
)
_DATE = Advice(
    "The date is not written as ISO 8601, so programs cannot read it.",
    "Write 2024, 2024-05 or 2024-05-17 in gco:Date; a time of day needs gco:DateTime. "
    'Text such as “present” is no date; if there is none, write gco:nilReason="'
    'missing" at the element around it.',
    {
        ERDDAP: "date_created, date_issued, date_modified in <addAttributes>",
        THREDDS: "date_created, date_issued, date_modified of the file; ncISO copies "
        "them as they are",
        GEONETWORK: "Identification › Citation › Date: choose it in the calendar",
    },
)
_TIME = Advice(
    "The date and time is not written as ISO 8601, so programs cannot read it.",
    "Write 2024-05-17T08:30:00Z: a T between date and time, seconds, then Z or the "
    "distance from UTC. A date alone belongs in gco:Date.",
    _DATE.places,
)
_NUMBER = Advice(
    "Text, or nothing, stands where a number must be.",
    "Write digits with a point, without unit and without thousands separators; the "
    'unit belongs in uom="…". If there is no value, remove gco:Integer, gco:Real or '
    'gco:Measure and write gco:nilReason="missing" at the element around it.',
    {
        THREDDS: "ncISO leaves it empty where a resolution is not known: give the file "
        "geospatial_lat_resolution and geospatial_lon_resolution"
    },
)
_BOOLEAN = Advice(
    "Only true or false may stand here.",
    "Write true or false, in small letters (or 1 and 0).",
)
_CHOICE = Advice(
    "The value is not one of those that the standard knows; most often it has "
    "another spelling, capitals, or blanks around it.",
    "Choose one of the values in the message, letter by letter.",
    {
        GEONETWORK: "choose the value from the list of that field",
    },
)
_URL = Advice(
    "The value is not an address.",
    "Write a whole address without blanks, such as https://example.org/data.",
)
_PATTERN = Advice(
    "The value has not the form that the standard prescribes.",
    "Bring it into the form that the message shows.",
)
_VALUE = Advice(
    "The element is empty, or its value is of another kind than the standard wants.",
    'Give the value that the message asks for; if there is none, write gco:nilReason="'
    'missing" at the element around it and remove this one.',
)
SHAPES: Final = (
    (r"must not have the attribute gml:(?:uom|codeSpace|indet)", _ATTRIBUTE_PREFIX),
    (r"lacks the attribute gml:id", _GML_ID),
    (r"/@[\w:]*id .*expected (?:an id|a name)", _ID),
    (r"lacks the attribute", _ATTRIBUTE_MISSING),
    (r"must not have the attribute", _ATTRIBUTE_TOO_MUCH),
    (r"contains bare text", BARE_TEXT),
    (r"^gco:[a-z]\w* is not allowed here", _SPELLING),
    (r"^gco:CharacterString is not allowed.*expected g\w\w:\w+Code\b", _CODE),
    (r"^gml:TimePeriod is incomplete", _PERIOD),
    (r"is incomplete; it needs", MISSING_CHILD),
    (r"is not allowed here; expected", _ORDER),
    (r"is not allowed here\.", _TOO_MANY),
    (r"expected a date \(", _DATE),
    (r"expected a date and time", _TIME),
    (r"expected a (?:whole |decimal )?number", _NUMBER),
    (r"expected true or false", _BOOLEAN),
    (r"which is not one of", _CHOICE),
    (r"expected a URL", _URL),
    (r"which does not match", _PATTERN),
    (r"is empty|expected ", _VALUE),
)
