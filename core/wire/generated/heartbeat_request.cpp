// Generated from core/wire/ksy/heartbeat_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/heartbeat_request.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    heartbeat_request_t::heartbeat_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, heartbeat_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_group_id = nullptr;
        m_member_id = nullptr;
        m_group_instance_id = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void heartbeat_request_t::_read() {
        m_group_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_generation_id = m__io->read_s4be();
        m_member_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        if (_root()->version() >= 3) {
            m_group_instance_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
        m_end = m__io->read_bytes(0);
        {
            kaitai::bytes_view _ = m_end;
            if (!(_io()->is_eof())) {
                throw kaitai::validation_expr_error<kaitai::bytes_view>(m_end, m__io, kaitai::bytes_view("/seq/5"));
            }
        }
    }

    heartbeat_request_t::~heartbeat_request_t() {
        _clean_up();
    }

    void heartbeat_request_t::_clean_up() {}

    bool heartbeat_request_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 4;
        return m_flexible;
    }
}
