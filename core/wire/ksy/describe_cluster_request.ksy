meta:
  id: describe_cluster_request
  title: DescribeCluster request, versions 0 to 1
  endian: be
  imports: [kafka_types]
doc: Asks for the brokers.
params:
  - {id: version, type: s2}
seq:
  - {id: include_cluster_authorized_operations_byte, type: s1}
  - {id: endpoint_type, type: s1, if: '_root.version >= 1', -default: 1}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 0}
  include_cluster_authorized_operations: {value: include_cluster_authorized_operations_byte != 0}
