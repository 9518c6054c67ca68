meta:
  id: describe_topic_partitions_request
  title: DescribeTopicPartitions request, version 0
  endian: be
  imports: [kafka_types]
doc: Topics to be described, a page at a time.
params:
  - {id: version, type: s2}
seq:
  - {id: num_topics, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value}
  - {id: response_partition_limit, type: s4}
  - {id: cursor_marker, type: s1}
  - {id: cursor, type: cursor, if: 'cursor_marker >= 0'}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 0}
types:
  topic:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  cursor:
    seq:
      - {id: topic_name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: partition_index, type: s4}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
