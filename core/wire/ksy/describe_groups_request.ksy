meta:
  id: describe_groups_request
  title: DescribeGroups request, versions 0 to 5
  endian: be
  imports: [kafka_types]
doc: Groups to be described.
params:
  - {id: version, type: s2}
seq:
  - {id: num_groups, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: groups, type: 'kafka_types::text(_root.flexible, false)', repeat: expr, repeat-expr: num_groups.value}
  - {id: include_authorized_operations_byte, type: s1, if: '_root.version >= 3'}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 5}
  include_authorized_operations: {value: include_authorized_operations_byte != 0}
