meta:
  id: delete_groups_request
  title: DeleteGroups request, versions 0 to 2
  endian: be
  imports: [kafka_types]
doc: Groups to delete.
params:
  - {id: version, type: s2}
seq:
  - {id: num_groups_names, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: groups_names, type: 'kafka_types::text(_root.flexible, false)', repeat: expr, repeat-expr: num_groups_names.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 2}
