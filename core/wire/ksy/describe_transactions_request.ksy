meta:
  id: describe_transactions_request
  title: DescribeTransactions request, version 0
  endian: be
  imports: [kafka_types]
doc: Transactional ids to be described.
params:
  - {id: version, type: s2}
seq:
  - {id: num_transactional_ids, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: transactional_ids, type: 'kafka_types::text(_root.flexible, false)', repeat: expr, repeat-expr: num_transactional_ids.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 0}
