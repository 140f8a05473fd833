"""Advice on the date of the record itself."""

from typing import Final

from harvests.advice.words import ERDDAP, GEONETWORK, THREDDS, Advice

_PLACES = {
    THREDDS: "ncISO writes the day on which it ran: run it again after each change",
    GEONETWORK: "it sets the date when the record is saved, unless as a minor edit",
}
DATES: Final = {
    "date-stamp-missing": Advice(
        "Catalogues compare gmd:dateStamp to see whether a record changed. Without it "
        "they refuse the record, or never take a change.",
        "Add gmd:dateStamp behind gmd:contact, with a gco:Date.",
        _PLACES,
    ),
    "date-stamp-unreadable": Advice(
        "Programs cannot read the date, so they cannot tell when the record changed.",
        "Write 2024-05-17 in gco:Date, or 2024-05-17T08:30:00Z in gco:DateTime.",
        _PLACES,
    ),
    "ckan-date": Advice(
        "ISO 19139 allows a time zone after a date; CKAN's harvester does not read it, "
        "and refuses the record: “Could not extract reference date”.",
        "Write 2024-05-17 in gco:Date, or 2024-05-17T08:30:00Z in gco:DateTime.",
        _PLACES,
    ),
    "date-stamp-future": Advice(
        "The record says that it will be changed in the future. Until that day every "
        "real change looks older, and catalogues ignore it.",
        "Give the date of the last change. Is the clock of the machine right, and the "
        "order of day and month?",
        _PLACES,
    ),
    "date-not-newer": Advice(
        "The content is new and the date is not: catalogues that compare dates keep "
        "the old content.",
        "Set gmd:dateStamp to the day of the change, each time.",
        {
            ERDDAP: "where you serve a file of your own by <iso19115File>, set its "
            "date with each change",
            **_PLACES,
        },
    ),
}
