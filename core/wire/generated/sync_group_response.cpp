// Generated from core/wire/ksy/sync_group_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/sync_group_response.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    sync_group_response_t::sync_group_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, sync_group_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_protocol_type = nullptr;
        m_protocol_name = nullptr;
        m_assignment = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void sync_group_response_t::_read() {
        if (_root()->version() >= 1) {
            m_throttle_time_ms = m__io->read_s4be();
        }
        m_error = m__io->read_s2be();
        if (_root()->version() >= 5) {
            m_protocol_type = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        }
        if (_root()->version() >= 5) {
            m_protocol_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        }
        m_assignment = kaitai::ref<kafka_types_t::binary_t>(new kafka_types_t::binary_t(_root()->flexible(), false, m__io));
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
        m_end = m__io->read_bytes(0);
        {
            kaitai::bytes_view _ = m_end;
            if (!(_io()->is_eof())) {
                throw kaitai::validation_expr_error<kaitai::bytes_view>(m_end, m__io, kaitai::bytes_view("/seq/6"));
            }
        }
    }

    sync_group_response_t::~sync_group_response_t() {
        _clean_up();
    }

    void sync_group_response_t::_clean_up() {}

    bool sync_group_response_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 4;
        return m_flexible;
    }
}
