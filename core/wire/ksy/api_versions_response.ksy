meta:
  id: api_versions_response
  title: ApiVersions response, versions 0 to 4
  endian: be
  imports: [kafka_types]
doc: Every API with its lowest and highest version.
params:
  - {id: version, type: s2}
seq:
  - {id: error, type: s2}
  - {id: num_api_keys, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: api_keys, type: api, repeat: expr, repeat-expr: num_api_keys.value}
  - {id: throttle_time_ms, type: s4, if: '_root.version >= 1'}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 3}
types:
  api:
    seq:
      - {id: api_key, type: s2}
      - {id: min_version, type: s2}
      - {id: max_version, type: s2}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
