// Generated from core/wire/ksy/describe_groups_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/describe_groups_response.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    describe_groups_response_t::describe_groups_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, describe_groups_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_groups = nullptr;
        m_groups = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void describe_groups_response_t::_read() {
        if (_root()->version() >= 1) {
            m_throttle_time_ms = m__io->read_s4be();
        }
        m_num_groups = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_groups = kaitai::ref<kaitai::vec<kaitai::ref<group_t>>>(new kaitai::vec<kaitai::ref<group_t>>());
        const int l_groups = num_groups()->value();
        for (int i = 0; i < l_groups; i++) {
            m_groups->push_back(std::move(kaitai::ref<group_t>(new group_t(m__io, this, m__root))));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
        m_end = m__io->read_bytes(0);
        {
            kaitai::bytes_view _ = m_end;
            if (!(_io()->is_eof())) {
                throw kaitai::validation_expr_error<kaitai::bytes_view>(m_end, m__io, kaitai::bytes_view("/seq/4"));
            }
        }
    }

    describe_groups_response_t::~describe_groups_response_t() {
        _clean_up();
    }

    void describe_groups_response_t::_clean_up() {}

    describe_groups_response_t::group_t::group_t(kaitai::kstream* p__io, describe_groups_response_t* p__parent, describe_groups_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_group_id = nullptr;
        m_group_state = nullptr;
        m_protocol_type = nullptr;
        m_protocol_data = nullptr;
        m_num_members = nullptr;
        m_members = nullptr;
        m_tags = nullptr;
        _read();
    }

    void describe_groups_response_t::group_t::_read() {
        m_error = m__io->read_s2be();
        m_group_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_group_state = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_protocol_type = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_protocol_data = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_num_members = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_members = kaitai::ref<kaitai::vec<kaitai::ref<member_t>>>(new kaitai::vec<kaitai::ref<member_t>>());
        const int l_members = num_members()->value();
        for (int i = 0; i < l_members; i++) {
            m_members->push_back(std::move(kaitai::ref<member_t>(new member_t(m__io, this, m__root))));
        }
        if (_root()->version() >= 3) {
            m_authorized_operations = m__io->read_s4be();
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    describe_groups_response_t::group_t::~group_t() {
        _clean_up();
    }

    void describe_groups_response_t::group_t::_clean_up() {}

    describe_groups_response_t::member_t::member_t(kaitai::kstream* p__io, describe_groups_response_t::group_t* p__parent, describe_groups_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_member_id = nullptr;
        m_group_instance_id = nullptr;
        m_client_id = nullptr;
        m_client_host = nullptr;
        m_member_metadata = nullptr;
        m_member_assignment = nullptr;
        m_tags = nullptr;
        _read();
    }

    void describe_groups_response_t::member_t::_read() {
        m_member_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        if (_root()->version() >= 4) {
            m_group_instance_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        }
        m_client_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_client_host = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_member_metadata = kaitai::ref<kafka_types_t::binary_t>(new kafka_types_t::binary_t(_root()->flexible(), false, m__io));
        m_member_assignment = kaitai::ref<kafka_types_t::binary_t>(new kafka_types_t::binary_t(_root()->flexible(), false, m__io));
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    describe_groups_response_t::member_t::~member_t() {
        _clean_up();
    }

    void describe_groups_response_t::member_t::_clean_up() {}

    bool describe_groups_response_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 5;
        return m_flexible;
    }
}
