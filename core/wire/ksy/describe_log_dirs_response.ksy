meta:
  id: describe_log_dirs_response
  title: DescribeLogDirs response, versions 1 to 4
  endian: be
  imports: [kafka_types]
doc: Data directories and what is in them.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4}
  - {id: error, type: s2, if: '_root.version >= 3'}
  - {id: num_results, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: results, type: log_dir, repeat: expr, repeat-expr: num_results.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 2}
types:
  partition:
    seq:
      - {id: partition_index, type: s4}
      - {id: partition_size, type: s8}
      - {id: offset_lag, type: s8}
      - {id: is_future_key_byte, type: s1}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
    instances:
      is_future_key: {value: is_future_key_byte != 0}
  topic:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_partitions, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: partitions, type: partition, repeat: expr, repeat-expr: num_partitions.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  log_dir:
    seq:
      - {id: error, type: s2}
      - {id: log_dir, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_topics, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value}
      - {id: total_bytes, type: s8, if: '_root.version >= 4', -default: -1}
      - {id: usable_bytes, type: s8, if: '_root.version >= 4', -default: -1}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
