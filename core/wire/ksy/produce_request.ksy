meta:
  id: produce_request
  title: Produce request, versions 0 to 11
  endian: be
  imports: [kafka_types]
doc: Record batches to append, by topic and partition.
params:
  - {id: version, type: s2}
seq:
  - {id: transactional_id, type: 'kafka_types::text(_root.flexible, true)', if: '_root.version >= 3'}
  - {id: acks, type: s2}
  - {id: timeout_ms, type: s4}
  - {id: num_topic_data, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: topic_data, type: topic, repeat: expr, repeat-expr: num_topic_data.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 9}
types:
  partition:
    seq:
      - {id: index, type: s4}
      - {id: records, type: 'kafka_types::binary(_root.flexible, true)'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  topic:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_partition_data, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: partition_data, type: partition, repeat: expr, repeat-expr: num_partition_data.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
