"""Advice on our own rules, by their ids; those of the XML schema are in `schema`."""

from typing import Final

from harvests.advice.boxes import BOXES
from harvests.advice.dates import DATES
from harvests.advice.encodings import ENCODINGS
from harvests.advice.words import ERDDAP, GEONETWORK, THREDDS, Advice

_TITLE = Advice(
    "Catalogues list and search records by title: one without a title is not found.",
    "Give a title that says what was measured, where and when, and that no other "
    "record has.",
    {
        ERDDAP: "the global attribute “title” in the dataset's <addAttributes> "
        "(datasets.xml)",
        THREDDS: "the file's global attribute “title”, or the name of the dataset in "
        "the catalogue",
        GEONETWORK: "Identification › Title",
    },
)
_ABSTRACT = Advice(
    "Nobody can tell from a title alone whether data fits; search engines index the "
    "abstract.",
    "Write a paragraph: what, where, when, how it was measured, who may use it.",
    {
        ERDDAP: "the global attribute “summary” in the dataset's <addAttributes>",
        THREDDS: "the file's global attribute “summary”, or <documentation "
        'type="summary"> in the catalogue',
        GEONETWORK: "Identification › Abstract",
    },
)
_IDENTIFIER = Advice(
    "The identifier is how catalogues know a record again. Without one some refuse "
    "the record, and others make another dataset of it when its address changes.",
    "Give it one in gmd:fileIdentifier, such as a UUID or your domain and a name. "
    "Never change it, not even when the record moves.",
    {
        ERDDAP: "ERDDAP writes the datasetID there; if you serve a file of your own "
        "by <iso19115File>, write it in that file",
        THREDDS: "the dataset's ID in the catalogue, or the file's global attributes "
        "“id” and “naming_authority”",
        GEONETWORK: "it writes the record's UUID there when the record is saved",
    },
)
_TWIN = Advice(
    "Catalogues keep one record per identifier: the two overwrite each other, and "
    "people see sometimes one and sometimes the other.",
    "If they are two datasets, give one of them an identifier of its own. If they are "
    "the same one published twice, take one copy away.",
    {
        ERDDAP: "two datasets with one datasetID, or copied files behind "
        "<iso19115File>",
        THREDDS: "the same ID, or “id” and “naming_authority”, on two datasets",
        GEONETWORK: "a record imported with its UUID kept: import it with a new UUID",
    },
)
_NAME_TAKEN = Advice(
    "Two sources of one organization want the same file name in the central WAF. "
    "Nothing was overwritten: this one has got a longer name.",
    "If both are the same record, leave it out of one source (its “Exclude” "
    "patterns). If not, nothing needs to be done.",
)
_PREFIX = Advice(
    "It is valid XML, but CKAN's harvester looks for the text “gmd:MD_Metadata” or "
    "“gmi:MI_Metadata” and takes the record for something else.",
    "Declare the namespaces with their usual prefixes gmd and gmi, and write the root "
    "element with its prefix.",
)
_HIDDEN = Advice(
    "CKAN's harvester leaves out what begins with “_” in a listing, and what does not "
    "end in “.xml” in small letters. The record is published, and CKAN never sees it.",
    "Rename the file or the dataset at its source. The old name then counts as "
    "removed, and the new one as added.",
    {ERDDAP: "the datasetID in datasets.xml gives the name"},
)
_SERVICE = Advice(
    "The record describes a service and does not say where it is.",
    "Give the address in srv:containsOperations, best that of GetCapabilities.",
    {
        GEONETWORK: "Identification › Operation › Connect point, or add the service "
        "as an online resource",
    },
)
_LINK = Advice(
    "Browsers and catalogues can't open it: it is not an address, or holds blanks.",
    "Write one whole address that starts with https://. Blanks are written %20; text "
    "about the link belongs in gmd:description.",
    {
        ERDDAP: "the global attribute “infoUrl”, and baseHttpsUrl in setup.xml",
        THREDDS: "the “base” of the service in the catalogue, and “creator_url”",
        GEONETWORK: "Associated resources › Online resource › URL",
    },
)
_GML = Advice(
    "GML 3.2.0 was a draft; ISO 19139 uses 3.2.1. Strict validators refuse the old "
    "namespace, and programs that look for times in the new one find none.",
    'Replace xmlns:gml="http://www.opengis.net/gml" by '
    "http://www.opengis.net/gml/3.2; elements stay as they are.",
    {
        THREDDS: "ncISO 2.0 writes it, newer ones do not: update it",
        GEONETWORK: "records made by old versions keep it: open the XML view of the "
        "editor, replace it, save",
    },
)
_MORE = Advice(
    "Often one cause has hundreds of consequences, so the list is cut.",
    "Correct the first findings and harvest again: many of the others go with them.",
)
RULES: Final = {
    "title-missing": _TITLE,
    "abstract-missing": _ABSTRACT,
    "identifier-missing": _IDENTIFIER,
    "duplicate-identifier": _TWIN,
    "name-taken": _NAME_TAKEN,
    "ckan-prefix": _PREFIX,
    "ckan-name": _HIDDEN,
    "service-link-missing": _SERVICE,
    "link-malformed": _LINK,
    "gml-legacy": _GML,
    "more-findings": _MORE,
    "xsd-more": _MORE,
    **BOXES,
    **DATES,
    **ENCODINGS,
}
