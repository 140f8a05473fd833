"""Documents that are not ISO 19139, as folders of records hold them."""

ERROR_PAGE = b"""<!DOCTYPE html>
<html>
<head><title>Service unavailable</title></head>
<body><h1>Sorry</h1><p>The catalog is down for maintenance.</body>
</html>
"""

FGDC = b"""<?xml version="1.0" encoding="UTF-8"?>
<metadata>
  <idinfo>
    <citation>
      <citeinfo>
        <origin>Example Ocean Observing System</origin>
        <pubdate>20090615</pubdate>
        <title>Bottom sediment samples, Gulf of Maine, 1998 to 2008</title>
      </citeinfo>
    </citation>
    <descript>
      <abstract>Grain size and organic carbon of 412 grab samples.</abstract>
      <purpose>Habitat mapping</purpose>
    </descript>
    <spdom>
      <bounding>
        <westbc>-71.0</westbc>
        <eastbc>-65.5</eastbc>
        <northbc>45.0</northbc>
        <southbc>41.5</southbc>
      </bounding>
    </spdom>
  </idinfo>
  <metainfo>
    <metd>20090615</metd>
    <metstdn>FGDC Content Standard for Digital Geospatial Metadata</metstdn>
    <metstdv>FGDC-STD-001-1998</metstdv>
  </metainfo>
</metadata>
"""

ISO_19115_3 = b"""<?xml version="1.0" encoding="UTF-8"?>
<mdb:MD_Metadata xmlns:mdb="http://standards.iso.org/iso/19115/-3/mdb/2.0"
    xmlns:mcc="http://standards.iso.org/iso/19115/-3/mcc/1.0"
    xmlns:mri="http://standards.iso.org/iso/19115/-3/mri/1.0"
    xmlns:cit="http://standards.iso.org/iso/19115/-3/cit/2.0"
    xmlns:gco="http://standards.iso.org/iso/19115/-3/gco/1.0">
  <mdb:metadataIdentifier>
    <mcc:MD_Identifier>
      <mcc:code>
        <gco:CharacterString>org.example.broken:iso19115-3</gco:CharacterString>
      </mcc:code>
    </mcc:MD_Identifier>
  </mdb:metadataIdentifier>
  <mdb:identificationInfo>
    <mri:MD_DataIdentification>
      <mri:citation>
        <cit:CI_Citation>
          <cit:title>
            <gco:CharacterString>Eelgrass beds, Casco Bay, 2022</gco:CharacterString>
          </cit:title>
        </cit:CI_Citation>
      </mri:citation>
      <mri:abstract>
        <gco:CharacterString>Mapped from aerial photographs.</gco:CharacterString>
      </mri:abstract>
    </mri:MD_DataIdentification>
  </mdb:identificationInfo>
</mdb:MD_Metadata>
"""
