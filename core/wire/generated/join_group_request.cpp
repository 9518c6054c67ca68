// Generated from core/wire/ksy/join_group_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/join_group_request.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    join_group_request_t::join_group_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, join_group_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_group_id = nullptr;
        m_member_id = nullptr;
        m_group_instance_id = nullptr;
        m_protocol_type = nullptr;
        m_num_protocols = nullptr;
        m_protocols = nullptr;
        m_reason = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void join_group_request_t::_read() {
        m_group_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_session_timeout_ms = m__io->read_s4be();
        if (_root()->version() >= 1) {
            m_rebalance_timeout_ms = m__io->read_s4be();
        }
        m_member_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        if (_root()->version() >= 5) {
            m_group_instance_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        }
        m_protocol_type = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_num_protocols = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_protocols = kaitai::ref<kaitai::vec<kaitai::ref<protocol_t>>>(new kaitai::vec<kaitai::ref<protocol_t>>());
        const int l_protocols = num_protocols()->value();
        for (int i = 0; i < l_protocols; i++) {
            m_protocols->push_back(std::move(kaitai::ref<protocol_t>(new protocol_t(m__io, this, m__root))));
        }
        if (_root()->version() >= 8) {
            m_reason = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
        m_end = m__io->read_bytes(0);
        {
            kaitai::bytes_view _ = m_end;
            if (!(_io()->is_eof())) {
                throw kaitai::validation_expr_error<kaitai::bytes_view>(m_end, m__io, kaitai::bytes_view("/seq/10"));
            }
        }
    }

    join_group_request_t::~join_group_request_t() {
        _clean_up();
    }

    void join_group_request_t::_clean_up() {}

    join_group_request_t::protocol_t::protocol_t(kaitai::kstream* p__io, join_group_request_t* p__parent, join_group_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_name = nullptr;
        m_metadata = nullptr;
        m_tags = nullptr;
        _read();
    }

    void join_group_request_t::protocol_t::_read() {
        m_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_metadata = kaitai::ref<kafka_types_t::binary_t>(new kafka_types_t::binary_t(_root()->flexible(), false, m__io));
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    join_group_request_t::protocol_t::~protocol_t() {
        _clean_up();
    }

    void join_group_request_t::protocol_t::_clean_up() {}

    bool join_group_request_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 6;
        return m_flexible;
    }
}
