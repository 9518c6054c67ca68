meta:
  id: elect_leaders_response
  title: ElectLeaders response, versions 0 to 2
  endian: be
  imports: [kafka_types]
doc: Whether each partition elected one.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4}
  - {id: error, type: s2, if: '_root.version >= 1'}
  - {id: num_replica_election_results, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: replica_election_results, type: topic, repeat: expr, repeat-expr: num_replica_election_results.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 2}
types:
  partition:
    seq:
      - {id: partition_id, type: s4}
      - {id: error, type: s2}
      - {id: error_message, type: 'kafka_types::text(_root.flexible, true)'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  topic:
    seq:
      - {id: topic, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_partition_result, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: partition_result, type: partition, repeat: expr, repeat-expr: num_partition_result.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
