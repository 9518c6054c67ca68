// Generated from core/wire/ksy/join_group_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/join_group_response.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    join_group_response_t::join_group_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, join_group_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_protocol_type = nullptr;
        m_protocol_name = nullptr;
        m_leader = nullptr;
        m_member_id = nullptr;
        m_num_members = nullptr;
        m_members = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        f_skip_assignment = false;
        _read();
    }

    void join_group_response_t::_read() {
        if (_root()->version() >= 2) {
            m_throttle_time_ms = m__io->read_s4be();
        }
        m_error = m__io->read_s2be();
        m_generation_id = m__io->read_s4be();
        if (_root()->version() >= 7) {
            m_protocol_type = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        }
        m_protocol_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), _root()->version() >= 7, m__io));
        m_leader = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        if (_root()->version() >= 9) {
            m_skip_assignment_byte = m__io->read_s1();
        }
        m_member_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_num_members = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_members = kaitai::ref<kaitai::vec<kaitai::ref<member_t>>>(new kaitai::vec<kaitai::ref<member_t>>());
        const int l_members = num_members()->value();
        for (int i = 0; i < l_members; i++) {
            m_members->push_back(std::move(kaitai::ref<member_t>(new member_t(m__io, this, m__root))));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
        m_end = m__io->read_bytes(0);
        {
            kaitai::bytes_view _ = m_end;
            if (!(_io()->is_eof())) {
                throw kaitai::validation_expr_error<kaitai::bytes_view>(m_end, m__io, kaitai::bytes_view("/seq/11"));
            }
        }
    }

    join_group_response_t::~join_group_response_t() {
        _clean_up();
    }

    void join_group_response_t::_clean_up() {}

    join_group_response_t::member_t::member_t(kaitai::kstream* p__io, join_group_response_t* p__parent, join_group_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_member_id = nullptr;
        m_group_instance_id = nullptr;
        m_metadata = nullptr;
        m_tags = nullptr;
        _read();
    }

    void join_group_response_t::member_t::_read() {
        m_member_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        if (_root()->version() >= 5) {
            m_group_instance_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        }
        m_metadata = kaitai::ref<kafka_types_t::binary_t>(new kafka_types_t::binary_t(_root()->flexible(), false, m__io));
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    join_group_response_t::member_t::~member_t() {
        _clean_up();
    }

    void join_group_response_t::member_t::_clean_up() {}

    bool join_group_response_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 6;
        return m_flexible;
    }

    bool join_group_response_t::skip_assignment() {
        if (f_skip_assignment)
            return m_skip_assignment;
        f_skip_assignment = true;
        m_skip_assignment = skip_assignment_byte() != 0;
        return m_skip_assignment;
    }
}
