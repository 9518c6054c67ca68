// Generated from core/wire/ksy/describe_groups_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/describe_groups_request.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    describe_groups_request_t::describe_groups_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, describe_groups_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_groups = nullptr;
        m_groups = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        f_include_authorized_operations = false;
        _read();
    }

    void describe_groups_request_t::_read() {
        m_num_groups = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_groups = kaitai::ref<kaitai::vec<kaitai::ref<kafka_types_t::text_t>>>(new kaitai::vec<kaitai::ref<kafka_types_t::text_t>>());
        const int l_groups = num_groups()->value();
        for (int i = 0; i < l_groups; i++) {
            m_groups->push_back(std::move(kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io))));
        }
        if (_root()->version() >= 3) {
            m_include_authorized_operations_byte = m__io->read_s1();
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

    describe_groups_request_t::~describe_groups_request_t() {
        _clean_up();
    }

    void describe_groups_request_t::_clean_up() {}

    bool describe_groups_request_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 5;
        return m_flexible;
    }

    bool describe_groups_request_t::include_authorized_operations() {
        if (f_include_authorized_operations)
            return m_include_authorized_operations;
        f_include_authorized_operations = true;
        m_include_authorized_operations = include_authorized_operations_byte() != 0;
        return m_include_authorized_operations;
    }
}
