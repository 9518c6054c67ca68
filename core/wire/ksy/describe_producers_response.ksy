meta:
  id: describe_producers_response
  title: DescribeProducers response, version 0
  endian: be
  imports: [kafka_types]
doc: Producers that wrote to each partition.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4}
  - {id: num_topics, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 0}
types:
  producer:
    seq:
      - {id: producer_id, type: s8}
      - {id: producer_epoch, type: s4}
      - {id: last_sequence, type: s4}
      - {id: last_timestamp, type: s8}
      - {id: coordinator_epoch, type: s4}
      - {id: current_txn_start_offset, type: s8}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  partition:
    seq:
      - {id: partition_index, type: s4}
      - {id: error, type: s2}
      - {id: error_message, type: 'kafka_types::text(_root.flexible, true)'}
      - {id: num_active_producers, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: active_producers, type: producer, repeat: expr, repeat-expr: num_active_producers.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  topic:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_partitions, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: partitions, type: partition, repeat: expr, repeat-expr: num_partitions.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
