meta:
  id: leave_group_response
  title: LeaveGroup response, versions 0 to 5
  endian: be
  imports: [kafka_types]
doc: Whether each member left.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4, if: '_root.version >= 1'}
  - {id: error, type: s2}
  - {id: num_members, type: 'kafka_types::count(_root.flexible, false)', if: '_root.version >= 3'}
  - {id: members, type: member, repeat: expr, repeat-expr: num_members.value, if: '_root.version >= 3'}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 4}
types:
  member:
    seq:
      - {id: member_id, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: group_instance_id, type: 'kafka_types::text(_root.flexible, true)'}
      - {id: error, type: s2}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
