meta:
  id: describe_producers_request
  title: DescribeProducers request, version 0
  endian: be
  imports: [kafka_types]
doc: Partitions whose producers are looked for.
params:
  - {id: version, type: s2}
seq:
  - {id: num_topics, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 0}
types:
  topic:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_partition_indexes, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: partition_indexes, type: s4, repeat: expr, repeat-expr: num_partition_indexes.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
