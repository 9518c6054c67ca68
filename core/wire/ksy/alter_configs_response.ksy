meta:
  id: alter_configs_response
  title: AlterConfigs response, versions 0 to 2
  endian: be
  imports: [kafka_types]
doc: Whether each resource was changed.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4}
  - {id: num_responses, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: responses, type: resource, repeat: expr, repeat-expr: num_responses.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 2}
types:
  resource:
    seq:
      - {id: error, type: s2}
      - {id: error_message, type: 'kafka_types::text(_root.flexible, true)'}
      - {id: resource_type, type: s1}
      - {id: resource_name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
