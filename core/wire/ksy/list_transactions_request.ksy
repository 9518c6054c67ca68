meta:
  id: list_transactions_request
  title: ListTransactions request, versions 0 to 1
  endian: be
  imports: [kafka_types]
doc: Asks for all transactions, or for some states and producers.
params:
  - {id: version, type: s2}
seq:
  - {id: num_state_filters, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: state_filters, type: 'kafka_types::text(_root.flexible, false)', repeat: expr, repeat-expr: num_state_filters.value}
  - {id: num_producer_id_filters, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: producer_id_filters, type: s8, repeat: expr, repeat-expr: num_producer_id_filters.value}
  - {id: duration_filter, type: s8, if: '_root.version >= 1', -default: -1}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 0}
