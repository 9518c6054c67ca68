meta:
  id: offset_fetch_request
  title: OffsetFetch request, versions 1 to 9
  endian: be
  imports: [kafka_types]
doc: Partitions whose committed offsets are looked for; null means all.
params:
  - {id: version, type: s2}
seq:
  - {id: group_id, type: 'kafka_types::text(_root.flexible, false)', if: '_root.version <= 7'}
  - {id: num_topics, type: 'kafka_types::count(_root.flexible, _root.version >= 2)', if: '_root.version <= 7'}
  - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value, if: '_root.version <= 7 and num_topics.value >= 0'}
  - {id: num_groups, type: 'kafka_types::count(_root.flexible, false)', if: '_root.version >= 8'}
  - {id: groups, type: group, repeat: expr, repeat-expr: num_groups.value, if: '_root.version >= 8'}
  - {id: require_stable_byte, type: s1, if: '_root.version >= 7'}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 6}
  require_stable: {value: require_stable_byte != 0}
types:
  topic:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_partition_indexes, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: partition_indexes, type: s4, repeat: expr, repeat-expr: num_partition_indexes.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  group:
    seq:
      - {id: group_id, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: member_id, type: 'kafka_types::text(_root.flexible, true)', if: '_root.version >= 9'}
      - {id: member_epoch, type: s4, if: '_root.version >= 9', -default: -1}
      - {id: num_topics, type: 'kafka_types::count(_root.flexible, true)'}
      - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value, if: 'num_topics.value >= 0'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
