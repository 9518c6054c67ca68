meta:
  id: delete_topics_request
  title: DeleteTopics request, versions 1 to 6
  endian: be
  imports: [kafka_types]
doc: Topics to delete, by name or by id.
params:
  - {id: version, type: s2}
seq:
  - {id: num_topics, type: 'kafka_types::count(_root.flexible, false)', if: '_root.version >= 6'}
  - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value, if: '_root.version >= 6'}
  - {id: num_topic_names, type: 'kafka_types::count(_root.flexible, false)', if: '_root.version <= 5'}
  - {id: topic_names, type: 'kafka_types::text(_root.flexible, false)', repeat: expr, repeat-expr: num_topic_names.value, if: '_root.version <= 5'}
  - {id: timeout_ms, type: s4}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 4}
types:
  topic:
    seq:
      - {id: name, type: 'kafka_types::text(_root.flexible, true)'}
      - {id: topic_id, size: 16}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
