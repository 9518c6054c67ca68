meta:
  id: add_partitions_to_txn_response
  title: AddPartitionsToTxn response, versions 0 to 3
  endian: be
  imports: [kafka_types]
doc: Whether each partition was added.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4}
  - {id: num_results_by_topic, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: results_by_topic, type: topic, repeat: expr, repeat-expr: num_results_by_topic.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 3}
types:
  partition:
    seq:
      - {id: partition_index, type: s4}
      - {id: partition_error, type: s2}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  topic:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_results_by_partition, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: results_by_partition, type: partition, repeat: expr, repeat-expr: num_results_by_partition.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
