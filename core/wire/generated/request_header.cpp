// Generated from core/wire/ksy/request_header.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/request_header.h"
namespace millrace::wire {

    request_header_t::request_header_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, request_header_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_client_id = nullptr;
        m_tags = nullptr;
        _read();
    }

    void request_header_t::_read() {
        m_api_key = m__io->read_s2be();
        m_api_version = m__io->read_s2be();
        m_correlation_id = m__io->read_s4be();
        if (version() >= 1) {
            m_client_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(false, true, m__io));
        }
        if (version() >= 2) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    request_header_t::~request_header_t() {
        _clean_up();
    }

    void request_header_t::_clean_up() {}
}
