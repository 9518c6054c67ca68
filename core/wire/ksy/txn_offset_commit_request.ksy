meta:
  id: txn_offset_commit_request
  title: TxnOffsetCommit request, versions 0 to 3
  endian: be
  imports: [kafka_types]
doc: Offsets of a consumer group that take effect with the transaction.
params:
  - {id: version, type: s2}
seq:
  - {id: transactional_id, type: 'kafka_types::text(_root.flexible, false)'}
  - {id: group_id, type: 'kafka_types::text(_root.flexible, false)'}
  - {id: producer_id, type: s8}
  - {id: producer_epoch, type: s2}
  - {id: generation_id, type: s4, if: '_root.version >= 3', -default: -1}
  - {id: member_id, type: 'kafka_types::text(_root.flexible, false)', if: '_root.version >= 3'}
  - {id: group_instance_id, type: 'kafka_types::text(_root.flexible, true)', if: '_root.version >= 3'}
  - {id: num_topics, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 3}
types:
  partition:
    seq:
      - {id: partition_index, type: s4}
      - {id: committed_offset, type: s8}
      - {id: committed_leader_epoch, type: s4, if: '_root.version >= 2', -default: -1}
      - {id: committed_metadata, type: 'kafka_types::text(_root.flexible, true)'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  topic:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_partitions, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: partitions, type: partition, repeat: expr, repeat-expr: num_partitions.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
