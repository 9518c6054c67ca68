// Generated from core/wire/ksy/leave_group_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/leave_group_request.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    leave_group_request_t::leave_group_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, leave_group_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_group_id = nullptr;
        m_member_id = nullptr;
        m_num_members = nullptr;
        m_members = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void leave_group_request_t::_read() {
        m_group_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        if (_root()->version() <= 2) {
            m_member_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        }
        if (_root()->version() >= 3) {
            m_num_members = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        }
        if (_root()->version() >= 3) {
            m_members = kaitai::ref<kaitai::vec<kaitai::ref<member_t>>>(new kaitai::vec<kaitai::ref<member_t>>());
            const int l_members = num_members()->value();
            for (int i = 0; i < l_members; i++) {
                m_members->push_back(std::move(kaitai::ref<member_t>(new member_t(m__io, this, m__root))));
            }
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

    leave_group_request_t::~leave_group_request_t() {
        _clean_up();
    }

    void leave_group_request_t::_clean_up() {}

    leave_group_request_t::member_t::member_t(kaitai::kstream* p__io, leave_group_request_t* p__parent, leave_group_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_member_id = nullptr;
        m_group_instance_id = nullptr;
        m_reason = nullptr;
        m_tags = nullptr;
        _read();
    }

    void leave_group_request_t::member_t::_read() {
        m_member_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_group_instance_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        if (_root()->version() >= 5) {
            m_reason = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    leave_group_request_t::member_t::~member_t() {
        _clean_up();
    }

    void leave_group_request_t::member_t::_clean_up() {}

    bool leave_group_request_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 4;
        return m_flexible;
    }
}
