meta:
  id: describe_topic_partitions_response
  title: DescribeTopicPartitions response, version 0
  endian: be
  imports: [kafka_types]
doc: Partitions of each topic, and where the next page starts.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4}
  - {id: num_topics, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value}
  - {id: next_cursor_marker, type: s1}
  - {id: next_cursor, type: cursor, if: 'next_cursor_marker >= 0'}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 0}
types:
  partition:
    seq:
      - {id: error, type: s2}
      - {id: partition_index, type: s4}
      - {id: leader_id, type: s4}
      - {id: leader_epoch, type: s4}
      - {id: num_replica_nodes, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: replica_nodes, type: s4, repeat: expr, repeat-expr: num_replica_nodes.value}
      - {id: num_isr_nodes, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: isr_nodes, type: s4, repeat: expr, repeat-expr: num_isr_nodes.value}
      - {id: num_eligible_leader_replicas, type: 'kafka_types::count(_root.flexible, true)'}
      - {id: eligible_leader_replicas, type: s4, repeat: expr, repeat-expr: num_eligible_leader_replicas.value, if: 'num_eligible_leader_replicas.value >= 0'}
      - {id: num_last_known_elr, type: 'kafka_types::count(_root.flexible, true)'}
      - {id: last_known_elr, type: s4, repeat: expr, repeat-expr: num_last_known_elr.value, if: 'num_last_known_elr.value >= 0'}
      - {id: num_offline_replicas, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: offline_replicas, type: s4, repeat: expr, repeat-expr: num_offline_replicas.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  topic:
    seq:
      - {id: error, type: s2}
      - {id: name, type: 'kafka_types::text(_root.flexible, true)'}
      - {id: topic_id, size: 16}
      - {id: is_internal_byte, type: s1}
      - {id: num_partitions, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: partitions, type: partition, repeat: expr, repeat-expr: num_partitions.value}
      - {id: topic_authorized_operations, type: s4}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
    instances:
      is_internal: {value: is_internal_byte != 0}
  cursor:
    seq:
      - {id: topic_name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: partition_index, type: s4}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
