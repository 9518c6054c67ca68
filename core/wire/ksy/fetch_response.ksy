meta:
  id: fetch_response
  title: Fetch response, versions 4 to 16
  endian: be
  imports: [kafka_types]
doc: Record batches, by topic and partition.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4}
  - {id: error, type: s2, if: '_root.version >= 7'}
  - {id: session_id, type: s4, if: '_root.version >= 7'}
  - {id: num_responses, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: responses, type: topic, repeat: expr, repeat-expr: num_responses.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 12}
types:
  aborted_transaction:
    seq:
      - {id: producer_id, type: s8}
      - {id: first_offset, type: s8}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  partition:
    seq:
      - {id: partition_index, type: s4}
      - {id: error, type: s2}
      - {id: high_watermark, type: s8}
      - {id: last_stable_offset, type: s8}
      - {id: log_start_offset, type: s8, if: '_root.version >= 5', -default: -1}
      - {id: num_aborted_transactions, type: 'kafka_types::count(_root.flexible, true)'}
      - {id: aborted_transactions, type: aborted_transaction, repeat: expr, repeat-expr: num_aborted_transactions.value, if: 'num_aborted_transactions.value >= 0'}
      - {id: preferred_read_replica, type: s4, if: '_root.version >= 11', -default: -1}
      - {id: records, type: 'kafka_types::binary(_root.flexible, true)'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  topic:
    seq:
      - {id: topic, type: 'kafka_types::text(_root.flexible, false)', if: '_root.version <= 12'}
      - {id: topic_id, size: 16, if: '_root.version >= 13'}
      - {id: num_partitions, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: partitions, type: partition, repeat: expr, repeat-expr: num_partitions.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
