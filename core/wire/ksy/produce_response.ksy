meta:
  id: produce_response
  title: Produce response, versions 0 to 11
  endian: be
  imports: [kafka_types]
doc: Where each partition's record batches went.
params:
  - {id: version, type: s2}
seq:
  - {id: num_responses, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: responses, type: topic, repeat: expr, repeat-expr: num_responses.value}
  - {id: throttle_time_ms, type: s4, if: '_root.version >= 1'}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 9}
types:
  record_error:
    seq:
      - {id: batch_index, type: s4}
      - {id: batch_index_error_message, type: 'kafka_types::text(_root.flexible, true)'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  partition:
    seq:
      - {id: index, type: s4}
      - {id: error, type: s2}
      - {id: base_offset, type: s8}
      - {id: log_append_time_ms, type: s8, if: '_root.version >= 2', -default: -1}
      - {id: log_start_offset, type: s8, if: '_root.version >= 5', -default: -1}
      - {id: num_record_errors, type: 'kafka_types::count(_root.flexible, false)', if: '_root.version >= 8'}
      - {id: record_errors, type: record_error, repeat: expr, repeat-expr: num_record_errors.value, if: '_root.version >= 8'}
      - {id: error_message, type: 'kafka_types::text(_root.flexible, true)', if: '_root.version >= 8'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  topic:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: num_partition_responses, type: 'kafka_types::count(_root.flexible, false)'}
      - {id: partition_responses, type: partition, repeat: expr, repeat-expr: num_partition_responses.value}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
