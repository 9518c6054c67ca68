meta:
  id: list_offsets_request
  title: ListOffsets request, versions 1 to 8
  endian: be
  imports: [kafka_types]
doc: Times whose offsets are looked for.
params:
  - {id: version, type: s2}
seq:
  - {id: replica_id, type: s4}
  - {id: isolation_level, type: s1, if: '_root.version >= 2'}
  - {id: num_topics, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 6}
types:
  partition:
    seq:
      - {id: partition_index, type: s4}
      - {id: current_leader_epoch, type: s4, if: '_root.version >= 4', -default: -1}
      - {id: timestamp, type: s8}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  topic:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_partitions, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: partitions, type: partition, repeat: expr, repeat-expr: num_partitions.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
