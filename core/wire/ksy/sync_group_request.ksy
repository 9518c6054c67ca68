meta:
  id: sync_group_request
  title: SyncGroup request, versions 0 to 5
  endian: be
  imports: [kafka_types]
doc: The leader hands in the assignments; the others ask for theirs.
params:
  - {id: version, type: s2}
seq:
  - {id: group_id, type: 'kafka_types::text(_root.flexible, false)'}
  - {id: generation_id, type: s4}
  - {id: member_id, type: 'kafka_types::text(_root.flexible, false)'}
  - {id: group_instance_id, type: 'kafka_types::text(_root.flexible, true)', if: '_root.version >= 3'}
  - {id: protocol_type, type: 'kafka_types::text(_root.flexible, true)', if: '_root.version >= 5'}
  - {id: protocol_name, type: 'kafka_types::text(_root.flexible, true)', if: '_root.version >= 5'}
  - {id: num_assignments, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: assignments, type: assignment, repeat: expr, repeat-expr: num_assignments.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 4}
types:
  assignment:
    seq:
      - {id: member_id, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: assignment, type: 'kafka_types::binary(_root.flexible, false)'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
