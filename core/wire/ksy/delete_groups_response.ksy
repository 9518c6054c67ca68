meta:
  id: delete_groups_response
  title: DeleteGroups response, versions 0 to 2
  endian: be
  imports: [kafka_types]
doc: Whether each group was deleted.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4}
  - {id: num_results, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: results, type: group, repeat: expr, repeat-expr: num_results.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 2}
types:
  group:
    seq:
      - {id: group_id, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: error, type: s2}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
