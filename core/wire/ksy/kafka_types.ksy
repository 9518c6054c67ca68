meta:
  id: kafka_types
  title: Strings, bytes, counts and tagged fields of the Kafka protocol
  endian: be
doc: >-
  Each in its plain form (16 or 32-bit length, -1 is null) and in its compact form (length + 1 as a
  varint, 0 is null). C++ uses core/wire/kaitai/kafka_types.h, which does the same in less memory.
seq: []
types:
  uvarint:
    doc: Unsigned LEB128, at most 32 bits.
    seq:
      - {id: b0, type: u1}
      - {id: b1, type: u1, if: b0 >= 0x80}
      - {id: b2, type: u1, if: b0 >= 0x80 and b1 >= 0x80}
      - {id: b3, type: u1, if: b0 >= 0x80 and b1 >= 0x80 and b2 >= 0x80}
      - {id: b4, type: u1, if: b0 >= 0x80 and b1 >= 0x80 and b2 >= 0x80 and b3 >= 0x80, valid: {max: 0x0f}}
    instances:
      n: {value: 'b0 < 0x80 ? 1 : (b1 < 0x80 ? 2 : (b2 < 0x80 ? 3 : (b3 < 0x80 ? 4 : 5)))'}
      value:
        value: >-
          ((b0 & 0x7f).as<u8>
          | (n > 1 ? (b1 & 0x7f).as<u8> << 7 : 0)
          | (n > 2 ? (b2 & 0x7f).as<u8> << 14 : 0)
          | (n > 3 ? (b3 & 0x7f).as<u8> << 21 : 0)
          | (n > 4 ? b4.as<u8> << 28 : 0)).as<s8>
  text:
    doc: A string, UTF-8.
    params:
      - {id: flexible, type: bool}
      - {id: nullable, type: bool}
    seq:
      - {id: size_compact, type: uvarint, if: flexible}
      - {id: size_plain, type: s2, if: not flexible}
      - {id: check, size: 0, valid: {expr: '(size >= 0 or nullable and size == -1) and size <= _io.size - _io.pos'}}
      - {id: data, size: size, if: size >= 0}
    instances:
      size: {value: '(flexible ? size_compact.value - 1 : size_plain).as<s8>'}
  binary:
    doc: Bytes; also record batches, which stay as they are.
    params:
      - {id: flexible, type: bool}
      - {id: nullable, type: bool}
    seq:
      - {id: size_compact, type: uvarint, if: flexible}
      - {id: size_plain, type: s4, if: not flexible}
      - {id: check, size: 0, valid: {expr: '(size >= 0 or nullable and size == -1) and size <= _io.size - _io.pos'}}
      - {id: data, size: size, if: size >= 0}
    instances:
      size: {value: '(flexible ? size_compact.value - 1 : size_plain).as<s8>'}
  count:
    doc: Elements of an array. Each takes at least a byte, so there are at most as many as bytes are left.
    params:
      - {id: flexible, type: bool}
      - {id: nullable, type: bool}
    seq:
      - {id: count_compact, type: uvarint, if: flexible}
      - {id: count_plain, type: s4, if: not flexible}
      - {id: check, size: 0, valid: {expr: '(value >= 0 or nullable and value == -1) and value <= _io.size - _io.pos'}}
    instances:
      value: {value: '(flexible ? count_compact.value - 1 : count_plain).as<s8>'}
  tagged_fields:
    doc: Fields that an older reader skips. None of them is used here.
    seq:
      - {id: num_fields, type: uvarint}
      - {id: fields, type: tagged_field, repeat: expr, repeat-expr: num_fields.value}
  tagged_field:
    seq:
      - {id: tag, type: uvarint}
      - {id: size, type: uvarint}
      - {id: data, size: size.value}
