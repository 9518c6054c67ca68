// Generated from core/wire/ksy/api_versions_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/api_versions_response.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    api_versions_response_t::api_versions_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, api_versions_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_api_keys = nullptr;
        m_api_keys = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void api_versions_response_t::_read() {
        m_error = m__io->read_s2be();
        m_num_api_keys = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_api_keys = kaitai::ref<kaitai::vec<kaitai::ref<api_t>>>(new kaitai::vec<kaitai::ref<api_t>>());
        const int l_api_keys = num_api_keys()->value();
        for (int i = 0; i < l_api_keys; i++) {
            m_api_keys->push_back(std::move(kaitai::ref<api_t>(new api_t(m__io, this, m__root))));
        }
        if (_root()->version() >= 1) {
            m_throttle_time_ms = m__io->read_s4be();
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

    api_versions_response_t::~api_versions_response_t() {
        _clean_up();
    }

    void api_versions_response_t::_clean_up() {}

    api_versions_response_t::api_t::api_t(kaitai::kstream* p__io, api_versions_response_t* p__parent, api_versions_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_tags = nullptr;
        _read();
    }

    void api_versions_response_t::api_t::_read() {
        m_api_key = m__io->read_s2be();
        m_min_version = m__io->read_s2be();
        m_max_version = m__io->read_s2be();
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    api_versions_response_t::api_t::~api_t() {
        _clean_up();
    }

    void api_versions_response_t::api_t::_clean_up() {}

    bool api_versions_response_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 3;
        return m_flexible;
    }
}
