meta:
  id: describe_configs_request
  title: DescribeConfigs request, versions 1 to 4
  endian: be
  imports: [kafka_types]
doc: Resources whose settings are looked for.
params:
  - {id: version, type: s2}
seq:
  - {id: num_resources, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: resources, type: resource, repeat: expr, repeat-expr: num_resources.value}
  - {id: include_synonyms_byte, type: s1}
  - {id: include_documentation_byte, type: s1, if: '_root.version >= 3'}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 4}
  include_synonyms: {value: include_synonyms_byte != 0}
  include_documentation: {value: include_documentation_byte != 0}
types:
  resource:
    seq:
      - {id: resource_type, type: s1}
      - {id: resource_name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_configuration_keys, type: 'kafka_types::count(_root.flexible, true)'}
      - {id: configuration_keys, type: 'kafka_types::text(_root.flexible, false)', repeat: expr, repeat-expr: num_configuration_keys.value, if: 'num_configuration_keys.value >= 0'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
