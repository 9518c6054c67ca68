meta:
  id: list_transactions_response
  title: ListTransactions response, versions 0 to 1
  endian: be
  imports: [kafka_types]
doc: The transactions.
params:
  - {id: version, type: s2}
seq:
  - {id: throttle_time_ms, type: s4}
  - {id: error, type: s2}
  - {id: num_unknown_state_filters, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: unknown_state_filters, type: 'kafka_types::text(_root.flexible, false)', repeat: expr, repeat-expr: num_unknown_state_filters.value}
  - {id: num_transaction_states, type: 'kafka_types::count(_root.flexible, false)'}
  - {id: transaction_states, type: transaction, repeat: expr, repeat-expr: num_transaction_states.value}
  - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
  - {id: end, size: 0, valid: {expr: _io.eof}}
instances:
  flexible: {value: version >= 0}
types:
  transaction:
    seq:
      - {id: transactional_id, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: producer_id, type: s8}
      - {id: transaction_state, type: 'kafka_types::text(_root.flexible, false)'}
      - {id: tags, type: 'kafka_types::tagged_fields', if: _root.flexible}
