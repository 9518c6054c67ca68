meta:
  id: init_producer_id_response
  title: InitProducerId response, versions 0 to 4
  endian: be
  imports: [kafka_types]
doc: The producer id and its epoch.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4}
  - {id: error, type: s2}
  - {id: producer_id, type: s8}
  - {id: producer_epoch, type: s2}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 2}
