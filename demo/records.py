"""Dataset → ISO 19139 (or 19115-2) record: same dataset, same bytes."""

import datetime as dt

from demo.content import acquisition, distribution, grid, variables
from demo.datasets import Dataset
from demo.parts import citation, code, contact, extent, keywords, text
from demo.services import services

NAMESPACES = """xmlns:gmd="http://www.isotc211.org/2005/gmd"
    xmlns:gmi="http://www.isotc211.org/2005/gmi"
    xmlns:gco="http://www.isotc211.org/2005/gco"
    xmlns:gml="http://www.opengis.net/gml/3.2"
    xmlns:srv="http://www.isotc211.org/2005/srv"
    xmlns:xlink="http://www.w3.org/1999/xlink\""""


def record(dataset: Dataset) -> bytes:
    root = "gmi:MI_Metadata" if dataset.family.acquired else "gmd:MD_Metadata"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<{root} {NAMESPACES}>
  <gmd:fileIdentifier>{text(dataset.identifier)}</gmd:fileIdentifier>
  <gmd:language>{text("eng")}</gmd:language>
  <gmd:characterSet>{code("MD_CharacterSetCode", "utf8")}</gmd:characterSet>
  <gmd:hierarchyLevel>{code("MD_ScopeCode", "dataset")}</gmd:hierarchyLevel>
{contact("contact")}  <gmd:dateStamp>
    <gco:Date>{dataset.stamp}</gco:Date>
  </gmd:dateStamp>
  <gmd:metadataStandardName>
    {text("ISO 19115-2 Geographic Information - Metadata Part 2")}
  </gmd:metadataStandardName>
  <gmd:metadataStandardVersion>
    {text("ISO 19115-2:2009(E)")}
  </gmd:metadataStandardVersion>
{grid(dataset)}{identification(dataset)}{services(dataset)}{variables(dataset)}\
{distribution(dataset)}{acquisition(dataset)}</{root}>
""".encode()


def identification(dataset: Dataset) -> str:
    return f"""  <gmd:identificationInfo>
    <gmd:MD_DataIdentification id="DataIdentification">
{citation(dataset)}      <gmd:abstract>
        {text(dataset.abstract)}
      </gmd:abstract>
      <gmd:status>{code("MD_ProgressCode", "onGoing")}</gmd:status>
{contact("pointOfContact")}{keywords(dataset)}      <gmd:resourceConstraints>
        <gmd:MD_LegalConstraints>
          <gmd:useLimitation>
            {text("Free to use with credit. Not for navigation.")}
          </gmd:useLimitation>
        </gmd:MD_LegalConstraints>
      </gmd:resourceConstraints>
      <gmd:language>{text("eng")}</gmd:language>
      <gmd:topicCategory>
        <gmd:MD_TopicCategoryCode>oceans</gmd:MD_TopicCategoryCode>
      </gmd:topicCategory>
      <gmd:extent>
{extent(dataset)}      </gmd:extent>
    </gmd:MD_DataIdentification>
  </gmd:identificationInfo>
"""


def modified(dataset: Dataset) -> dt.datetime:
    """When the file changed: midday of the day that its date stamp says."""
    return dt.datetime.combine(dataset.stamp, dt.time(11, 47), dt.UTC)
