meta:
  id: describe_log_dirs_request
  title: DescribeLogDirs request, versions 1 to 4
  endian: be
  imports: [kafka_types]
doc: Partitions whose size on disk is looked for; null means all.
params:
  - {id: version, type: s2}
seq:
  - {id: num_topics, type: 'kafka_types::count(_root.flexible, true)'}
  - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value, if: 'num_topics.value >= 0'}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 2}
types:
  topic:
    seq:
      - {id: topic, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_partitions, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: partitions, type: s4, repeat: expr, repeat-expr: num_partitions.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
