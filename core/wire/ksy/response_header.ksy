meta:
  id: response_header
  title: Response header, versions 0 and 1
  endian: be
  imports: [kafka_types]
doc: What stands before the body of every response; version 1 belongs to flexible responses, except ApiVersions.
params:
  - {id: version, type: s2}
seq:
  - {id: correlation_id, type: s4}
  - {id: tags, type: 'kafka_types::tagged_fields', if: version >= 1}
