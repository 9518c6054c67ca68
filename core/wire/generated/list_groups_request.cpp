// Generated from core/wire/ksy/list_groups_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/list_groups_request.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    list_groups_request_t::list_groups_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, list_groups_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_states_filter = nullptr;
        m_states_filter = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void list_groups_request_t::_read() {
        if (_root()->version() >= 4) {
            m_num_states_filter = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        }
        if (_root()->version() >= 4) {
            m_states_filter = kaitai::ref<kaitai::vec<kaitai::ref<kafka_types_t::text_t>>>(new kaitai::vec<kaitai::ref<kafka_types_t::text_t>>());
            const int l_states_filter = num_states_filter()->value();
            for (int i = 0; i < l_states_filter; i++) {
                m_states_filter->push_back(std::move(kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io))));
            }
        }
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

    list_groups_request_t::~list_groups_request_t() {
        _clean_up();
    }

    void list_groups_request_t::_clean_up() {}

    bool list_groups_request_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 3;
        return m_flexible;
    }
}
