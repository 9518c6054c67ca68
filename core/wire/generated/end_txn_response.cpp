// Generated from core/wire/ksy/end_txn_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/end_txn_response.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    end_txn_response_t::end_txn_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, end_txn_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void end_txn_response_t::_read() {
        m_throttle_time_ms = m__io->read_s4be();
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

    end_txn_response_t::~end_txn_response_t() {
        _clean_up();
    }

    void end_txn_response_t::_clean_up() {}

    bool end_txn_response_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 3;
        return m_flexible;
    }
}
