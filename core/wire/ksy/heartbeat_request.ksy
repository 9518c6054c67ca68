meta:
  id: heartbeat_request
  title: Heartbeat request, versions 0 to 4
  endian: be
  imports: [kafka_types]
doc: A member is alive.
params:
  - {id: version, type: s2}
seq:
  - {id: group_id, type: 'kafka_types::text(_root.flexible, false)'}
  - {id: generation_id, type: s4}
  - {id: member_id, type: 'kafka_types::text(_root.flexible, false)'}
  - {id: group_instance_id, type: 'kafka_types::text(_root.flexible, true)', if: '_root.version >= 3'}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 4}
