meta:
  id: create_topics_request
  title: CreateTopics request, versions 2 to 7
  endian: be
  imports: [kafka_types]
doc: Topics to create.
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
  flexible: {value: version >= 5}
  validate_only: {value: validate_only_byte != 0}
types:
  assignment:
    seq:
      - {id: partition_index, type: s4}
      - {id: num_broker_ids, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: broker_ids, type: s4, repeat: expr, repeat-expr: num_broker_ids.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  config:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: value, type: 'kafka_types::text(_root.flexible, true)'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  topic:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_partitions, type: s4}
      - {id: replication_factor, type: s2}
      - {id: num_assignments, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: assignments, type: assignment, repeat: expr, repeat-expr: num_assignments.value}
      - {id: num_configs, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: configs, type: config, repeat: expr, repeat-expr: num_configs.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
