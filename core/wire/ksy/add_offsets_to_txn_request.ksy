meta:
  id: add_offsets_to_txn_request
  title: AddOffsetsToTxn request, versions 0 to 3
  endian: be
  imports: [kafka_types]
doc: A consumer group whose offsets a transaction is going to commit.
params:
  - {id: version, type: s2}
seq:
  - {id: transactional_id, type: 'kafka_types::text(_root.flexible, false)'}
  - {id: producer_id, type: s8}
  - {id: producer_epoch, type: s2}
  - {id: group_id, type: 'kafka_types::text(_root.flexible, false)'}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 3}
