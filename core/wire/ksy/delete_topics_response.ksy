meta:
  id: delete_topics_response
  title: DeleteTopics response, versions 1 to 6
  endian: be
  imports: [kafka_types]
doc: Whether each topic was deleted.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4}
  - {id: num_responses, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: responses, type: topic, repeat: expr, repeat-expr: num_responses.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 4}
types:
  topic:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, _root.version >= 6)'}
      - {id: topic_id, size: 16, if: '_root.version >= 6'}
      - {id: error, type: s2}
      - {id: error_message, type: 'kafka_types::text(_root.flexible, true)', if: '_root.version >= 5'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
