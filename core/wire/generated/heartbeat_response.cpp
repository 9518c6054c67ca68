// Generated from core/wire/ksy/heartbeat_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/heartbeat_response.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    heartbeat_response_t::heartbeat_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, heartbeat_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void heartbeat_response_t::_read() {
        if (_root()->version() >= 1) {
            m_throttle_time_ms = m__io->read_s4be();
        }
        m_error = m__io->read_s2be();
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
        m_end = m__io->read_bytes(0);
        {
            kaitai::bytes_view _ = m_end;
            if (!(_io()->is_eof())) {
                throw kaitai::validation_expr_error<kaitai::bytes_view>(m_end, m__io, kaitai::bytes_view("/seq/3"));
            }
        }
    }

    heartbeat_response_t::~heartbeat_response_t() {
        _clean_up();
    }

    void heartbeat_response_t::_clean_up() {}

    bool heartbeat_response_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 4;
        return m_flexible;
    }
}
