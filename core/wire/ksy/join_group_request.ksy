meta:
  id: join_group_request
  title: JoinGroup request, versions 0 to 9
  endian: be
  imports: [kafka_types]
doc: A member that wants to join a consumer group, with the protocols it speaks.
params:
  - {id: version, type: s2}
seq:
  - {id: group_id, type: 'kafka_types::text(_root.flexible, false)'}
  - {id: session_timeout_ms, type: s4}
  - {id: rebalance_timeout_ms, type: s4, if: '_root.version >= 1', -default: -1}
  - {id: member_id, type: 'kafka_types::text(_root.flexible, false)'}
  - {id: group_instance_id, type: 'kafka_types::text(_root.flexible, true)', if: '_root.version >= 5'}
  - {id: protocol_type, type: 'kafka_types::text(_root.flexible, false)'}
  - {id: num_protocols, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: protocols, type: protocol, repeat: expr, repeat-expr: num_protocols.value}
  - {id: reason, type: 'kafka_types::text(_root.flexible, true)', if: '_root.version >= 8'}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 6}
types:
  protocol:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: metadata, type: 'kafka_types::binary(_root.flexible, false)'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
