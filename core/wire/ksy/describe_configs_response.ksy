meta:
  id: describe_configs_response
  title: DescribeConfigs response, versions 1 to 4
  endian: be
  imports: [kafka_types]
doc: Settings with their sources.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4}
  - {id: num_results, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: results, type: resource, repeat: expr, repeat-expr: num_results.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 4}
types:
  synonym:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: value, type: 'kafka_types::text(_root.flexible, true)'}
      - {id: source, type: s1}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  config:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: value, type: 'kafka_types::text(_root.flexible, true)'}
      - {id: read_only_byte, type: s1}
      - {id: config_source, type: s1}
      - {id: is_sensitive_byte, type: s1}
      - {id: num_synonyms, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: synonyms, type: synonym, repeat: expr, repeat-expr: num_synonyms.value}
      - {id: config_type, type: s1, if: '_root.version >= 3'}
      - {id: documentation, type: 'kafka_types::text(_root.flexible, true)', if: '_root.version >= 3'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
    instances:
      read_only: {value: read_only_byte != 0}
      is_sensitive: {value: is_sensitive_byte != 0}
  resource:
    seq:
      - {id: error, type: s2}
      - {id: error_message, type: 'kafka_types::text(_root.flexible, true)'}
      - {id: resource_type, type: s1}
      - {id: resource_name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_configs, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: configs, type: config, repeat: expr, repeat-expr: num_configs.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
