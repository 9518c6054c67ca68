meta:
  id: list_groups_request
  title: ListGroups request, versions 0 to 4
  endian: be
  imports: [kafka_types]
doc: Asks for all groups, or for those in some states.
params:
  - {id: version, type: s2}
seq:
  - {id: num_states_filter, type: 'kafka_types::count(_root.flexible, false)', if: '_root.version >= 4'}
  - {id: states_filter, type: 'kafka_types::text(_root.flexible, false)', repeat: expr, repeat-expr: num_states_filter.value, if: '_root.version >= 4'}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 3}
