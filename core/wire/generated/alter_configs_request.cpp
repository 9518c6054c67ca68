// Generated from core/wire/ksy/alter_configs_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/alter_configs_request.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    alter_configs_request_t::alter_configs_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, alter_configs_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_resources = nullptr;
        m_resources = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        f_validate_only = false;
        _read();
    }

    void alter_configs_request_t::_read() {
        m_num_resources = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_resources = kaitai::ref<kaitai::vec<kaitai::ref<resource_t>>>(new kaitai::vec<kaitai::ref<resource_t>>());
        const int l_resources = num_resources()->value();
        for (int i = 0; i < l_resources; i++) {
            m_resources->push_back(std::move(kaitai::ref<resource_t>(new resource_t(m__io, this, m__root))));
        }
        m_validate_only_byte = m__io->read_s1();
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

    alter_configs_request_t::~alter_configs_request_t() {
        _clean_up();
    }

    void alter_configs_request_t::_clean_up() {}

    alter_configs_request_t::config_t::config_t(kaitai::kstream* p__io, alter_configs_request_t::resource_t* p__parent, alter_configs_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_name = nullptr;
        m_value = nullptr;
        m_tags = nullptr;
        _read();
    }

    void alter_configs_request_t::config_t::_read() {
        m_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_value = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    alter_configs_request_t::config_t::~config_t() {
        _clean_up();
    }

    void alter_configs_request_t::config_t::_clean_up() {}

    alter_configs_request_t::resource_t::resource_t(kaitai::kstream* p__io, alter_configs_request_t* p__parent, alter_configs_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_resource_name = nullptr;
        m_num_configs = nullptr;
        m_configs = nullptr;
        m_tags = nullptr;
        _read();
    }

    void alter_configs_request_t::resource_t::_read() {
        m_resource_type = m__io->read_s1();
        m_resource_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_num_configs = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_configs = kaitai::ref<kaitai::vec<kaitai::ref<config_t>>>(new kaitai::vec<kaitai::ref<config_t>>());
        const int l_configs = num_configs()->value();
        for (int i = 0; i < l_configs; i++) {
            m_configs->push_back(std::move(kaitai::ref<config_t>(new config_t(m__io, this, m__root))));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    alter_configs_request_t::resource_t::~resource_t() {
        _clean_up();
    }

    void alter_configs_request_t::resource_t::_clean_up() {}

    bool alter_configs_request_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 2;
        return m_flexible;
    }

    bool alter_configs_request_t::validate_only() {
        if (f_validate_only)
            return m_validate_only;
        f_validate_only = true;
        m_validate_only = validate_only_byte() != 0;
        return m_validate_only;
    }
}
