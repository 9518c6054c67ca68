// Generated from core/wire/ksy/response_header.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/response_header.h"
namespace millrace::wire {

    response_header_t::response_header_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, response_header_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_tags = nullptr;
        _read();
    }

    void response_header_t::_read() {
        m_correlation_id = m__io->read_s4be();
        if (version() >= 1) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    response_header_t::~response_header_t() {
        _clean_up();
    }

    void response_header_t::_clean_up() {}
}
