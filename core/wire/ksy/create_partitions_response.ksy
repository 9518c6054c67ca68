meta:
  id: create_partitions_response
  title: CreatePartitions response, versions 0 to 3
  endian: be
  imports: [kafka_types]
doc: Whether each topic was changed.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4}
  - {id: num_results, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: results, type: topic, repeat: expr, repeat-expr: num_results.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 2}
types:
  topic:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: error, type: s2}
      - {id: error_message, type: 'kafka_types::text(_root.flexible, true)'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
