// Generated from core/wire/ksy/sync_group_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/sync_group_request.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    sync_group_request_t::sync_group_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, sync_group_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_group_id = nullptr;
        m_member_id = nullptr;
        m_group_instance_id = nullptr;
        m_protocol_type = nullptr;
        m_protocol_name = nullptr;
        m_num_assignments = nullptr;
        m_assignments = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void sync_group_request_t::_read() {
        m_group_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_generation_id = m__io->read_s4be();
        m_member_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        if (_root()->version() >= 3) {
            m_group_instance_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        }
        if (_root()->version() >= 5) {
            m_protocol_type = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        }
        if (_root()->version() >= 5) {
            m_protocol_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        }
        m_num_assignments = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_assignments = kaitai::ref<kaitai::vec<kaitai::ref<assignment_t>>>(new kaitai::vec<kaitai::ref<assignment_t>>());
        const int l_assignments = num_assignments()->value();
        for (int i = 0; i < l_assignments; i++) {
            m_assignments->push_back(std::move(kaitai::ref<assignment_t>(new assignment_t(m__io, this, m__root))));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
        m_end = m__io->read_bytes(0);
        {
            kaitai::bytes_view _ = m_end;
            if (!(_io()->is_eof())) {
                throw kaitai::validation_expr_error<kaitai::bytes_view>(m_end, m__io, kaitai::bytes_view("/seq/9"));
            }
        }
    }

    sync_group_request_t::~sync_group_request_t() {
        _clean_up();
    }

    void sync_group_request_t::_clean_up() {}

    sync_group_request_t::assignment_t::assignment_t(kaitai::kstream* p__io, sync_group_request_t* p__parent, sync_group_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_member_id = nullptr;
        m_assignment = nullptr;
        m_tags = nullptr;
        _read();
    }

    void sync_group_request_t::assignment_t::_read() {
        m_member_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_assignment = kaitai::ref<kafka_types_t::binary_t>(new kafka_types_t::binary_t(_root()->flexible(), false, m__io));
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    sync_group_request_t::assignment_t::~assignment_t() {
        _clean_up();
    }

    void sync_group_request_t::assignment_t::_clean_up() {}

    bool sync_group_request_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 4;
        return m_flexible;
    }
}
