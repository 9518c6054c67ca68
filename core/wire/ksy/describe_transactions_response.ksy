meta:
  id: describe_transactions_response
  title: DescribeTransactions response, version 0
  endian: be
  imports: [kafka_types]
doc: State of each transaction.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4}
  - {id: num_transaction_states, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: transaction_states, type: transaction, repeat: expr, repeat-expr: num_transaction_states.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 0}
types:
  topic:
    seq:
      - {id: topic, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_partitions, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: partitions, type: s4, repeat: expr, repeat-expr: num_partitions.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  transaction:
    seq:
      - {id: error, type: s2}
      - {id: transactional_id, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: transaction_state, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: transaction_timeout_ms, type: s4}
      - {id: transaction_start_time_ms, type: s8}
      - {id: producer_id, type: s8}
      - {id: producer_epoch, type: s2}
      - {id: num_topics, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
