"""The parts of a record, as text in the order of the schema."""

from html import escape

from demo.datasets import Dataset

CODES = "http://www.isotc211.org/2005/resources/Codelist/gmxCodelists.xml"
INDENT = " " * 14
SIDES = (
    "westBoundLongitude",
    "eastBoundLongitude",
    "southBoundLatitude",
    "northBoundLatitude",
)


def text(value: str) -> str:
    value = escape(value, quote=False)
    return f"<gco:CharacterString>{value}</gco:CharacterString>"


def code(name: str, value: str) -> str:
    return (
        f'<gmd:{name} codeList="{CODES}#{name}" codeListValue="{value}">'
        f"{value}</gmd:{name}>"
    )


def slug(dataset: Dataset) -> str:
    return dataset.identifier.removeprefix("org.example.").replace(":", "-")


def contact(tag: str) -> str:
    return f"""  <gmd:{tag}>
    <gmd:CI_ResponsibleParty>
      <gmd:individualName>{text("Dana Tidewater")}</gmd:individualName>
      <gmd:organisationName>
        {text("Example Ocean Observing System")}
      </gmd:organisationName>
      <gmd:contactInfo>
        <gmd:CI_Contact>
          <gmd:address>
            <gmd:CI_Address>
              <gmd:electronicMailAddress>
                {text("data@example.org")}
              </gmd:electronicMailAddress>
            </gmd:CI_Address>
          </gmd:address>
        </gmd:CI_Contact>
      </gmd:contactInfo>
      <gmd:role>{code("CI_RoleCode", "pointOfContact")}</gmd:role>
    </gmd:CI_ResponsibleParty>
  </gmd:{tag}>
"""


def citation(dataset: Dataset) -> str:
    return f"""      <gmd:citation>
        <gmd:CI_Citation>
          <gmd:title>{text(dataset.title)}</gmd:title>
          <gmd:date>
            <gmd:CI_Date>
              <gmd:date>
                <gco:Date>{dataset.stamp}</gco:Date>
              </gmd:date>
              <gmd:dateType>{code("CI_DateTypeCode", "revision")}</gmd:dateType>
            </gmd:CI_Date>
          </gmd:date>
        </gmd:CI_Citation>
      </gmd:citation>
"""


def keywords(dataset: Dataset) -> str:
    words = "".join(
        f"          <gmd:keyword>{text(word)}</gmd:keyword>\n"
        for word in dataset.family.keywords
    )
    return f"""      <gmd:descriptiveKeywords>
        <gmd:MD_Keywords>
{words}          <gmd:type>{code("MD_KeywordTypeCode", "theme")}</gmd:type>
        </gmd:MD_Keywords>
      </gmd:descriptiveKeywords>
"""


def extent(dataset: Dataset) -> str:
    box = "".join(
        f"{INDENT}<gmd:{side}><gco:Decimal>{value:.2f}</gco:Decimal></gmd:{side}>\n"
        for side, value in zip(SIDES, dataset.bounds, strict=True)
    )
    return f"""        <gmd:EX_Extent>
          <gmd:geographicElement>
            <gmd:EX_GeographicBoundingBox>
{box}            </gmd:EX_GeographicBoundingBox>
          </gmd:geographicElement>
          <gmd:temporalElement>
            <gmd:EX_TemporalExtent>
              <gmd:extent>
                <gml:TimePeriod gml:id="period">
                  <gml:beginPosition>{dataset.begin}</gml:beginPosition>
                  <gml:endPosition>{dataset.end}</gml:endPosition>
                </gml:TimePeriod>
              </gmd:extent>
            </gmd:EX_TemporalExtent>
          </gmd:temporalElement>
        </gmd:EX_Extent>
"""
