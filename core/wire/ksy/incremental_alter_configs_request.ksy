meta:
  id: incremental_alter_configs_request
  title: IncrementalAlterConfigs request, versions 0 to 1
  endian: be
  imports: [kafka_types]
doc: Single settings to set, delete, append to or subtract from.
params:
  - {id: version, type: s2}
seq:
  - {id: num_resources, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: resources, type: resource, repeat: expr, repeat-expr: num_resources.value}
  - {id: validate_only_byte, type: s1}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 1}
  validate_only: {value: validate_only_byte != 0}
types:
  config:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: config_operation, type: s1}
      - {id: value, type: 'kafka_types::text(_root.flexible, true)'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  resource:
    seq:
      - {id: resource_type, type: s1}
      - {id: resource_name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_configs, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: configs, type: config, repeat: expr, repeat-expr: num_configs.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
