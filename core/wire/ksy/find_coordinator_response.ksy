meta:
  id: find_coordinator_response
  title: FindCoordinator response, versions 0 to 4
  endian: be
  imports: [kafka_types]
doc: The broker that coordinates them.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4, if: '_root.version >= 1'}
  - {id: error, type: s2, if: '_root.version <= 3'}
  - {id: error_message, type: 'kafka_types::text(_root.flexible, true)', if: '_root.version >= 1 and _root.version <= 3'}
  - {id: node_id, type: s4, if: '_root.version <= 3'}
  - {id: host, type: 'kafka_types::text(_root.flexible, false)', if: '_root.version <= 3'}
  - {id: port, type: s4, if: '_root.version <= 3'}
  - {id: num_coordinators, type: 'kafka_types::count(_root.flexible, false)', if: '_root.version >= 4'}
  - {id: coordinators, type: coordinator, repeat: expr, repeat-expr: num_coordinators.value, if: '_root.version >= 4'}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 3}
types:
  coordinator:
    seq:
      - {id: key, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: node_id, type: s4}
      - {id: host, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: port, type: s4}
      - {id: error, type: s2}
      - {id: error_message, type: 'kafka_types::text(_root.flexible, true)'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
