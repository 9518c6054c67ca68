meta:
  id: list_groups_response
  title: ListGroups response, versions 0 to 4
  endian: be
  imports: [kafka_types]
doc: The groups.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4, if: '_root.version >= 1'}
  - {id: error, type: s2}
  - {id: num_groups, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: groups, type: group, repeat: expr, repeat-expr: num_groups.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 3}
types:
  group:
    seq:
      - {id: group_id, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: protocol_type, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: group_state, type: 'kafka_types::text(_root.flexible, false)', if: '_root.version >= 4'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
