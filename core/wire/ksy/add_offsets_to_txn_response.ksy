meta:
  id: add_offsets_to_txn_response
  title: AddOffsetsToTxn response, versions 0 to 3
  endian: be
  imports: [kafka_types]
doc: Whether the group was added.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4}
  - {id: error, type: s2}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 3}
