// Generated from core/wire/ksy/alter_configs_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/alter_configs_response.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    alter_configs_response_t::alter_configs_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, alter_configs_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_responses = nullptr;
        m_responses = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void alter_configs_response_t::_read() {
        m_throttle_time_ms = m__io->read_s4be();
        m_num_responses = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_responses = kaitai::ref<kaitai::vec<kaitai::ref<resource_t>>>(new kaitai::vec<kaitai::ref<resource_t>>());
        const int l_responses = num_responses()->value();
        for (int i = 0; i < l_responses; i++) {
            m_responses->push_back(std::move(kaitai::ref<resource_t>(new resource_t(m__io, this, m__root))));
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

    alter_configs_response_t::~alter_configs_response_t() {
        _clean_up();
    }

    void alter_configs_response_t::_clean_up() {}

    alter_configs_response_t::resource_t::resource_t(kaitai::kstream* p__io, alter_configs_response_t* p__parent, alter_configs_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_error_message = nullptr;
        m_resource_name = nullptr;
        m_tags = nullptr;
        _read();
    }

    void alter_configs_response_t::resource_t::_read() {
        m_error = m__io->read_s2be();
        m_error_message = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        m_resource_type = m__io->read_s1();
        m_resource_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    alter_configs_response_t::resource_t::~resource_t() {
        _clean_up();
    }

    void alter_configs_response_t::resource_t::_clean_up() {}

    bool alter_configs_response_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 2;
        return m_flexible;
    }
}
