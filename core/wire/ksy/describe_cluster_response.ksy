meta:
  id: describe_cluster_response
  title: DescribeCluster response, versions 0 to 1
  endian: be
  imports: [kafka_types]
doc: The brokers of the cluster.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4}
  - {id: error, type: s2}
  - {id: error_message, type: 'kafka_types::text(_root.flexible, true)'}
  - {id: endpoint_type, type: s1, if: '_root.version >= 1', -default: 1}
  - {id: cluster_id, type: 'kafka_types::text(_root.flexible, false)'}
  - {id: controller_id, type: s4}
  - {id: num_brokers, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: brokers, type: broker, repeat: expr, repeat-expr: num_brokers.value}
  - {id: cluster_authorized_operations, type: s4}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 0}
types:
  broker:
    seq:
      - {id: broker_id, type: s4}
      - {id: host, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: port, type: s4}
      - {id: rack, type: 'kafka_types::text(_root.flexible, true)'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
