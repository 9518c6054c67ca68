meta:
  id: find_coordinator_request
  title: FindCoordinator request, versions 0 to 4
  endian: be
  imports: [kafka_types]
doc: Groups or transactional ids whose coordinator is looked for.
params:
  - {id: version, type: s2}
seq:
  - {id: key, type: 'kafka_types::text(_root.flexible, false)', if: '_root.version <= 3'}
  - {id: key_type, type: s1, if: '_root.version >= 1'}
  - {id: num_coordinator_keys, type: 'kafka_types::count(_root.flexible, false)', if: '_root.version >= 4'}
  - {id: coordinator_keys, type: 'kafka_types::text(_root.flexible, false)', repeat: expr, repeat-expr: num_coordinator_keys.value, if: '_root.version >= 4'}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 3}
