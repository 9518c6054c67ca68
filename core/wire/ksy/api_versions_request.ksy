meta:
  id: api_versions_request
  title: ApiVersions request, versions 0 to 4
  endian: be
  imports: [kafka_types]
doc: Asks which APIs the broker speaks.
params:
  - {id: version, type: s2}
seq:
  - {id: client_software_name, type: 'kafka_types::text(_root.flexible, false)', if: '_root.version >= 3'}
  - {id: client_software_version, type: 'kafka_types::text(_root.flexible, false)', if: '_root.version >= 3'}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 3}
