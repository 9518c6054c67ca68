meta:
  id: offset_for_leader_epoch_request
  title: OffsetForLeaderEpoch request, versions 2 to 4
  endian: be
  imports: [kafka_types]
doc: Leader epochs whose end is looked for.
params:
  - {id: version, type: s2}
seq:
  - {id: replica_id, type: s4, if: '_root.version >= 3', -default: -2}
  - {id: num_topics, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 4}
types:
  partition:
    seq:
      - {id: partition, type: s4}
      - {id: current_leader_epoch, type: s4}
      - {id: leader_epoch, type: s4}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  topic:
    seq:
      - {id: topic, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_partitions, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: partitions, type: partition, repeat: expr, repeat-expr: num_partitions.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
