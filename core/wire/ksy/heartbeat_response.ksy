meta:
  id: heartbeat_response
  title: Heartbeat response, versions 0 to 4
  endian: be
  imports: [kafka_types]
doc: Whether the generation still holds.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4, if: '_root.version >= 1'}
  - {id: error, type: s2}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 4}
