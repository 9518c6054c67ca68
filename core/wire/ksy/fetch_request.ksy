meta:
  id: fetch_request
  title: Fetch request, versions 4 to 16
  endian: be
  imports: [kafka_types]
doc: From where to read, by topic and partition; with a session id only what changed.
params:
  - {id: version, type: s2}
seq:
  - {id: replica_id, type: s4, if: '_root.version <= 14', -default: -1}
  - {id: max_wait_ms, type: s4}
  - {id: min_bytes, type: s4}
  - {id: max_bytes, type: s4}
  - {id: isolation_level, type: s1}
  - {id: session_id, type: s4, if: '_root.version >= 7'}
  - {id: session_epoch, type: s4, if: '_root.version >= 7', -default: -1}
  - {id: num_topics, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value}
  - {id: num_forgotten_topics_data, type: 'kafka_types::count(_root.flexible, false)', if: '_root.version >= 7'}
  - {id: forgotten_topics_data, type: forgotten_topic, repeat: expr, repeat-expr: num_forgotten_topics_data.value, if: '_root.version >= 7'}
  - {id: rack_id, type: 'kafka_types::text(_root.flexible, false)', if: '_root.version >= 11'}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 12}
types:
  partition:
    seq:
      - {id: partition, type: s4}
      - {id: current_leader_epoch, type: s4, if: '_root.version >= 9', -default: -1}
      - {id: fetch_offset, type: s8}
      - {id: last_fetched_epoch, type: s4, if: '_root.version >= 12', -default: -1}
      - {id: log_start_offset, type: s8, if: '_root.version >= 5', -default: -1}
      - {id: partition_max_bytes, type: s4}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  topic:
    seq:
      - {id: topic, type: 'kafka_types::text(_root.flexible, false)', if: '_root.version <= 12'}
      - {id: topic_id, size: 16, if: '_root.version >= 13'}
      - {id: num_partitions, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: partitions, type: partition, repeat: expr, repeat-expr: num_partitions.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  forgotten_topic:
    seq:
      - {id: topic, type: 'kafka_types::text(_root.flexible, false)', if: '_root.version <= 12'}
      - {id: topic_id, size: 16, if: '_root.version >= 13'}
      - {id: num_partitions, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: partitions, type: s4, repeat: expr, repeat-expr: num_partitions.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
