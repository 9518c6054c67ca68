// Generated from core/wire/ksy/delete_groups_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/delete_groups_request.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    delete_groups_request_t::delete_groups_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, delete_groups_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_groups_names = nullptr;
        m_groups_names = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void delete_groups_request_t::_read() {
        m_num_groups_names = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_groups_names = kaitai::ref<kaitai::vec<kaitai::ref<kafka_types_t::text_t>>>(new kaitai::vec<kaitai::ref<kafka_types_t::text_t>>());
        const int l_groups_names = num_groups_names()->value();
        for (int i = 0; i < l_groups_names; i++) {
            m_groups_names->push_back(std::move(kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io))));
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

    delete_groups_request_t::~delete_groups_request_t() {
        _clean_up();
    }

    void delete_groups_request_t::_clean_up() {}

    bool delete_groups_request_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 2;
        return m_flexible;
    }
}
