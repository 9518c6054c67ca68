meta:
  id: add_partitions_to_txn_request
  title: AddPartitionsToTxn request, versions 0 to 3
  endian: be
  imports: [kafka_types]
doc: Partitions that a transaction is going to write.
params:
  - {id: version, type: s2}
seq:
  - {id: transactional_id, type: 'kafka_types::text(_root.flexible, false)'}
  - {id: producer_id, type: s8}
  - {id: producer_epoch, type: s2}
  - {id: num_topics, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 3}
types:
  topic:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_partitions, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: partitions, type: s4, repeat: expr, repeat-expr: num_partitions.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
