meta:
  id: init_producer_id_request
  title: InitProducerId request, versions 0 to 4
  endian: be
  imports: [kafka_types]
doc: Asks for a producer id, or fences the older holders of a transactional id.
params:
  - {id: version, type: s2}
seq:
  - {id: transactional_id, type: 'kafka_types::text(_root.flexible, true)'}
  - {id: transaction_timeout_ms, type: s4}
  - {id: producer_id, type: s8, if: '_root.version >= 3', -default: -1}
  - {id: producer_epoch, type: s2, if: '_root.version >= 3', -default: -1}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 2}
