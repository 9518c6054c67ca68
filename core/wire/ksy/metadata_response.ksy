meta:
  id: metadata_response
  title: Metadata response, versions 0 to 12
  endian: be
  imports: [kafka_types]
doc: Brokers, and who leads the partitions of each topic.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4, if: '_root.version >= 3'}
  - {id: num_brokers, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: brokers, type: broker, repeat: expr, repeat-expr: num_brokers.value}
  - {id: cluster_id, type: 'kafka_types::text(_root.flexible, true)', if: '_root.version >= 2'}
  - {id: controller_id, type: s4, if: '_root.version >= 1', -default: -1}
  - {id: num_topics, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value}
  - {id: cluster_authorized_operations, type: s4, if: '_root.version >= 8 and _root.version <= 10', -default: -2147483648}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 9}
types:
  broker:
    seq:
      - {id: node_id, type: s4}
      - {id: host, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: port, type: s4}
      - {id: rack, type: 'kafka_types::text(_root.flexible, true)', if: '_root.version >= 1'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  partition:
    seq:
      - {id: error, type: s2}
      - {id: partition_index, type: s4}
      - {id: leader_id, type: s4}
      - {id: leader_epoch, type: s4, if: '_root.version >= 7', -default: -1}
      - {id: num_replica_nodes, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: replica_nodes, type: s4, repeat: expr, repeat-expr: num_replica_nodes.value}
      - {id: num_isr_nodes, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: isr_nodes, type: s4, repeat: expr, repeat-expr: num_isr_nodes.value}
      - {id: num_offline_replicas, type: 'kafka_types::count(_root.flexible, false)', if: '_root.version >= 5'}
      - {id: offline_replicas, type: s4, repeat: expr, repeat-expr: num_offline_replicas.value, if: '_root.version >= 5'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  topic:
    seq:
      - {id: error, type: s2}
      - {id: name, type: 'kafka_types::text(_root.flexible, _root.version >= 12)'}
      - {id: topic_id, size: 16, if: '_root.version >= 10'}
      - {id: is_internal_byte, type: s1, if: '_root.version >= 1'}
      - {id: num_partitions, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: partitions, type: partition, repeat: expr, repeat-expr: num_partitions.value}
      - {id: topic_authorized_operations, type: s4, if: '_root.version >= 8', -default: -2147483648}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
    instances:
      is_internal: {value: is_internal_byte != 0}
