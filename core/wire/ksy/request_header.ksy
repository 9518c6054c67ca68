meta:
  id: request_header
  title: Request header, versions 0 to 2
  endian: be
  imports: [kafka_types]
doc: What stands before the body of every request; version 2 belongs to flexible requests.
params:
  - {id: version, type: s2}
seq:
  - {id: api_key, type: s2}
  - {id: api_version, type: s2}
  - {id: correlation_id, type: s4}
  - {id: client_id, type: 'kafka_types::text(false, true)', if: version >= 1}
  - {id: tags, type: 'kafka_types::tagged_fields', if: version >= 2}
