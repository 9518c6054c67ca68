meta:
  id: offset_commit_request
  title: OffsetCommit request, versions 2 to 9
  endian: be
  imports: [kafka_types]
doc: How far a consumer group has got, by topic and partition.
params:
  - {id: version, type: s2}
seq:
  - {id: group_id, type: 'kafka_types::text(_root.flexible, false)'}
  - {id: generation_id_or_member_epoch, type: s4}
  - {id: member_id, type: 'kafka_types::text(_root.flexible, false)'}
  - {id: group_instance_id, type: 'kafka_types::text(_root.flexible, true)', if: '_root.version >= 7'}
  - {id: retention_time_ms, type: s8, if: '_root.version <= 4', -default: -1}
  - {id: num_topics, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 8}
types:
  partition:
    seq:
      - {id: partition_index, type: s4}
      - {id: committed_offset, type: s8}
      - {id: committed_leader_epoch, type: s4, if: '_root.version >= 6', -default: -1}
      - {id: committed_metadata, type: 'kafka_types::text(_root.flexible, true)'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  topic:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_partitions, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: partitions, type: partition, repeat: expr, repeat-expr: num_partitions.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
