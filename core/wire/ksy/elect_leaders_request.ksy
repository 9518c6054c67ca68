meta:
  id: elect_leaders_request
  title: ElectLeaders request, versions 0 to 2
  endian: be
  imports: [kafka_types]
doc: Partitions that shall elect a leader; null means all.
params:
  - {id: version, type: s2}
seq:
  - {id: election_type, type: s1, if: '_root.version >= 1'}
  - {id: num_topic_partitions, type: 'kafka_types::count(_root.flexible, true)'}
  - {id: topic_partitions, type: topic, repeat: expr, repeat-expr: num_topic_partitions.value, if: 'num_topic_partitions.value >= 0'}
  - {id: timeout_ms, type: s4}
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
