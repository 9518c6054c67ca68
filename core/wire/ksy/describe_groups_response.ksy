meta:
  id: describe_groups_response
  title: DescribeGroups response, versions 0 to 5
  endian: be
  imports: [kafka_types]
doc: State and members of each group.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4, if: '_root.version >= 1'}
  - {id: num_groups, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: groups, type: group, repeat: expr, repeat-expr: num_groups.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 5}
types:
  member:
    seq:
      - {id: member_id, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: group_instance_id, type: 'kafka_types::text(_root.flexible, true)', if: '_root.version >= 4'}
      - {id: client_id, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: client_host, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: member_metadata, type: 'kafka_types::binary(_root.flexible, false)'}
      - {id: member_assignment, type: 'kafka_types::binary(_root.flexible, false)'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  group:
    seq:
      - {id: error, type: s2}
      - {id: group_id, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: group_state, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: protocol_type, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: protocol_data, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_members, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: members, type: member, repeat: expr, repeat-expr: num_members.value}
      - {id: authorized_operations, type: s4, if: '_root.version >= 3', -default: -2147483648}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
