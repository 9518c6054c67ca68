// Generated from core/wire/ksy/api_versions_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/api_versions_request.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    api_versions_request_t::api_versions_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, api_versions_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_client_software_name = nullptr;
        m_client_software_version = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void api_versions_request_t::_read() {
        if (_root()->version() >= 3) {
            m_client_software_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        }
        if (_root()->version() >= 3) {
            m_client_software_version = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
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

    api_versions_request_t::~api_versions_request_t() {
        _clean_up();
    }

    void api_versions_request_t::_clean_up() {}

    bool api_versions_request_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 3;
        return m_flexible;
    }
}
