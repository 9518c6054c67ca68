meta:
  id: join_group_response
  title: JoinGroup response, versions 0 to 9
  endian: be
  imports: [kafka_types]
doc: The new generation; its leader also gets the members.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4, if: '_root.version >= 2'}
  - {id: error, type: s2}
  - {id: generation_id, type: s4}
  - {id: protocol_type, type: 'kafka_types::text(_root.flexible, true)', if: '_root.version >= 7'}
  - {id: protocol_name, type: 'kafka_types::text(_root.flexible, _root.version >= 7)'}
  - {id: leader, type: 'kafka_types::text(_root.flexible, false)'}
  - {id: skip_assignment_byte, type: s1, if: '_root.version >= 9'}
  - {id: member_id, type: 'kafka_types::text(_root.flexible, false)'}
  - {id: num_members, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: members, type: member, repeat: expr, repeat-expr: num_members.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 6}
  skip_assignment: {value: skip_assignment_byte != 0}
types:
  member:
    seq:
      - {id: member_id, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: group_instance_id, type: 'kafka_types::text(_root.flexible, true)', if: '_root.version >= 5'}
      - {id: metadata, type: 'kafka_types::binary(_root.flexible, false)'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
