meta:
  id: offset_delete_response
  title: OffsetDelete response, version 0
  endian: be
  imports: [kafka_types]
doc: Whether each offset was deleted.
params:
  - {id: version, type: s2}
seq:
  - {id: error, type: s2}
  - {id: throttle_time_ms, type: s4}
  - {id: num_topics, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: false}
types:
  partition:
    seq:
      - {id: partition_index, type: s4}
      - {id: error, type: s2}
  topic:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_partitions, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: partitions, type: partition, repeat: expr, repeat-expr: num_partitions.value}
