meta:
  id: create_topics_response
  title: CreateTopics response, versions 2 to 7
  endian: be
  imports: [kafka_types]
doc: What became of each topic.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4}
  - {id: num_topics, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 5}
types:
  config:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: value, type: 'kafka_types::text(_root.flexible, true)'}
      - {id: read_only_byte, type: s1}
      - {id: config_source, type: s1}
      - {id: is_sensitive_byte, type: s1}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
    instances:
      read_only: {value: read_only_byte != 0}
      is_sensitive: {value: is_sensitive_byte != 0}
  topic:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: topic_id, size: 16, if: '_root.version >= 7'}
      - {id: error, type: s2}
      - {id: error_message, type: 'kafka_types::text(_root.flexible, true)'}
      - {id: num_partitions, type: s4, if: '_root.version >= 5', -default: -1}
      - {id: replication_factor, type: s2, if: '_root.version >= 5', -default: -1}
      - {id: num_configs, type: 'kafka_types::count(_root.flexible, true)', if: '_root.version >= 5'}
      - {id: configs, type: config, repeat: expr, repeat-expr: num_configs.value, if: '_root.version >= 5 and num_configs.value >= 0'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
