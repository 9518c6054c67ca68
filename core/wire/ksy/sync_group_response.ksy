meta:
  id: sync_group_response
  title: SyncGroup response, versions 0 to 5
  endian: be
  imports: [kafka_types]
doc: The assignment of one member.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4, if: '_root.version >= 1'}
  - {id: error, type: s2}
  - {id: protocol_type, type: 'kafka_types::text(_root.flexible, true)', if: '_root.version >= 5'}
  - {id: protocol_name, type: 'kafka_types::text(_root.flexible, true)', if: '_root.version >= 5'}
  - {id: assignment, type: 'kafka_types::binary(_root.flexible, false)'}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 4}
