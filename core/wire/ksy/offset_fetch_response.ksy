meta:
  id: offset_fetch_response
  title: OffsetFetch response, versions 1 to 9
  endian: be
  imports: [kafka_types]
doc: Committed offsets, by topic and partition.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4, if: '_root.version >= 3'}
  - {id: num_topics, type: 'kafka_types::count(_root.flexible, false)', if: '_root.version <= 7'}
  - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value, if: '_root.version <= 7'}
  - {id: error, type: s2, if: '_root.version >= 2 and _root.version <= 7'}
  - {id: num_groups, type: 'kafka_types::count(_root.flexible, false)', if: '_root.version >= 8'}
  - {id: groups, type: group, repeat: expr, repeat-expr: num_groups.value, if: '_root.version >= 8'}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 6}
types:
  partition:
    seq:
      - {id: partition_index, type: s4}
      - {id: committed_offset, type: s8}
      - {id: committed_leader_epoch, type: s4, if: '_root.version >= 5', -default: -1}
      - {id: metadata, type: 'kafka_types::text(_root.flexible, true)'}
      - {id: error, type: s2}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  topic:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_partitions, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: partitions, type: partition, repeat: expr, repeat-expr: num_partitions.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  group:
    seq:
      - {id: group_id, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_topics, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value}
      - {id: error, type: s2}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
