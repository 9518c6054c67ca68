meta:
  id: metadata_request
  title: Metadata request, versions 0 to 12
  endian: be
  imports: [kafka_types]
doc: >
  Topics to be described; null means all. librdkafka 2.16 writes that null in four bytes instead of one (its other fields are
  then 0 to us, as they are to Kafka), so that up to three bytes may be left at the end.
params:
  - {id: version, type: s2}
seq:
  - {id: num_topics, type: 'kafka_types::count(_root.flexible, _root.version >= 1)'}
  - {id: topics, type: topic, repeat: expr, repeat-expr: num_topics.value, if: 'num_topics.value >= 0'}
  - {id: allow_auto_topic_creation_byte, type: s1, if: '_root.version >= 4', -default: 1}
  - {id: include_cluster_authorized_operations_byte, type: s1, if: '_root.version >= 8 and _root.version <= 10'}
  - {id: include_topic_authorized_operations_byte, type: s1, if: '_root.version >= 8'}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: '_io.eof or (_root.flexible and _io.size - _io.pos <= 3)'}}
instances:
  flexible: {value: version >= 9}
  allow_auto_topic_creation: {value: allow_auto_topic_creation_byte != 0}
  include_cluster_authorized_operations: {value: include_cluster_authorized_operations_byte != 0}
  include_topic_authorized_operations: {value: include_topic_authorized_operations_byte != 0}
types:
  topic:
    seq:
      - {id: topic_id, size: 16, if: '_root.version >= 10'}
      - {id: name, type: 'kafka_types::text(_root.flexible, _root.version >= 10)'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
