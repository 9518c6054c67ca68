// Generated from core/wire/ksy/record_batch.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/record_batch.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    record_batch_t::record_batch_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, record_batch_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        f_compression = false;
        f_is_control = false;
        f_is_log_append_time = false;
        f_is_transactional = false;
        _read();
    }

    void record_batch_t::_read() {
        m_base_offset = m__io->read_s8be();
        m_batch_length = m__io->read_s4be();
        if (!(m_batch_length >= 49)) {
            throw kaitai::validation_less_than_error<int32_t>(49, m_batch_length, m__io, kaitai::bytes_view("/seq/1"));
        }
        m_partition_leader_epoch = m__io->read_s4be();
        m_magic = m__io->read_s1();
        if (!(m_magic == 2)) {
            throw kaitai::validation_not_equal_error<int8_t>(2, m_magic, m__io, kaitai::bytes_view("/seq/3"));
        }
        m_crc = m__io->read_u4be();
        m_attributes = m__io->read_s2be();
        m_last_offset_delta = m__io->read_s4be();
        m_base_timestamp = m__io->read_s8be();
        m_max_timestamp = m__io->read_s8be();
        m_producer_id = m__io->read_s8be();
        m_producer_epoch = m__io->read_s2be();
        m_base_sequence = m__io->read_s4be();
        m_records_count = m__io->read_s4be();
        if (!(m_records_count >= 0)) {
            throw kaitai::validation_less_than_error<int32_t>(0, m_records_count, m__io, kaitai::bytes_view("/seq/12"));
        }
        m_records = m__io->read_bytes(batch_length() - 49);
    }

    record_batch_t::~record_batch_t() {
        _clean_up();
    }

    void record_batch_t::_clean_up() {}

    int32_t record_batch_t::compression() {
        if (f_compression)
            return m_compression;
        f_compression = true;
        m_compression = attributes() & 7;
        return m_compression;
    }

    bool record_batch_t::is_control() {
        if (f_is_control)
            return m_is_control;
        f_is_control = true;
        m_is_control = (attributes() & 32) != 0;
        return m_is_control;
    }

    bool record_batch_t::is_log_append_time() {
        if (f_is_log_append_time)
            return m_is_log_append_time;
        f_is_log_append_time = true;
        m_is_log_append_time = (attributes() & 8) != 0;
        return m_is_log_append_time;
    }

    bool record_batch_t::is_transactional() {
        if (f_is_transactional)
            return m_is_transactional;
        f_is_transactional = true;
        m_is_transactional = (attributes() & 16) != 0;
        return m_is_transactional;
    }
}
