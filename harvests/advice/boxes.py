"""Advice on bounding boxes."""

from typing import Final

from harvests.advice.words import ERDDAP, GEONETWORK, THREDDS, Advice

_PLACES = {
    ERDDAP: "it reads the range of the longitude and latitude variables; if that is "
    "wrong, correct their “actual_range” or the data (datasets.xml)",
    THREDDS: "geospatial_lon_min, _lon_max, _lat_min, _lat_max of the file, or "
    "<geospatialCoverage> in the catalogue",
    GEONETWORK: "Identification › Extent › Geographic bounding box: draw it anew",
}
BOXES: Final = {
    "bbox-not-numeric": Advice(
        "Without four numbers the record is on no map and in no search by area.",
        "Write decimal degrees with a point: -70.25, not 70°15'W, 70,25 or “global”.",
        _PLACES,
    ),
    "bbox-out-of-range": Advice(
        "The number lies outside the globe. Usually longitude and latitude are "
        "exchanged, or metres of a projection were written in place of degrees.",
        "Write decimal degrees in WGS 84. Check which number belongs to which edge; "
        "a fill value such as -999 or 9.9e36 is none.",
        _PLACES,
    ),
    "bbox-swapped": Advice(
        "The southern edge lies north of the northern one; catalogues refuse the "
        "record or show an empty area.",
        "Exchange the two numbers.",
        _PLACES,
    ),
    "bbox-zero-area": Advice(
        "The extent is a point or a line. CKAN refuses a box without area, so the "
        "central WAF holds it widened by a metre; your record is as it was.",
        "For a fixed station nothing needs to be done. Otherwise give the area that "
        "the data covers.",
        _PLACES,
    ),
}
