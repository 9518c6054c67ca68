meta:
  id: record_batch
  title: Record batch, format 2
  endian: be
doc: The 61 bytes in front of a batch's records; the records stay as they are.
params:
  - {id: version, type: s2}
seq:
  - {id: base_offset, type: s8}
  - {id: batch_length, type: s4, valid: {min: 49}}
  - {id: partition_leader_epoch, type: s4}
  - {id: magic, type: s1, valid: 2}
  - {id: crc, type: u4}
  - {id: attributes, type: s2}
  - {id: last_offset_delta, type: s4}
  - {id: base_timestamp, type: s8}
  - {id: max_timestamp, type: s8}
  - {id: producer_id, type: s8}
  - {id: producer_epoch, type: s2}
  - {id: base_sequence, type: s4}
  - {id: records_count, type: s4, valid: {min: 0}}
  - {id: records, size: batch_length - 49}
instances:
  compression: {value: attributes & 7}
  is_log_append_time: {value: (attributes & 8) != 0}
  is_transactional: {value: (attributes & 16) != 0}
  is_control: {value: (attributes & 32) != 0}
