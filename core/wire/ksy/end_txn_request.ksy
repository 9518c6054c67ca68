meta:
  id: end_txn_request
  title: EndTxn request, versions 0 to 3
  endian: be
  imports: [kafka_types]
doc: Commits or aborts a transaction.
params:
  - {id: version, type: s2}
seq:
  - {id: transactional_id, type: 'kafka_types::text(_root.flexible, false)'}
  - {id: producer_id, type: s8}
  - {id: producer_epoch, type: s2}
  - {id: committed_byte, type: s1}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 3}
  committed: {value: committed_byte != 0}
