meta:
  id: create_partitions_request
  title: CreatePartitions request, versions 0 to 3
  endian: be
  imports: [kafka_types]
doc: Topics that get more partitions.
params:
  - {id: version, type: s2}
seq:
  - {id: num_topics, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value}
  - {id: timeout_ms, type: s4}
  - {id: validate_only_byte, type: s1}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 2}
  validate_only: {value: validate_only_byte != 0}
types:
  assignment:
    seq:
      - {id: num_broker_ids, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: broker_ids, type: s4, repeat: expr, repeat-expr: num_broker_ids.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  topic:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: count, type: s4}
      - {id: num_assignments, type: 'kafka_types::count(_root.flexible, true)'}
      - {id: assignments, type: assignment, repeat: expr, repeat-expr: num_assignments.value, if: 'num_assignments.value >= 0'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
