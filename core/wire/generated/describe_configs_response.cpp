// Generated from core/wire/ksy/describe_configs_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/describe_configs_response.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    describe_configs_response_t::describe_configs_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, describe_configs_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_results = nullptr;
        m_results = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void describe_configs_response_t::_read() {
        m_throttle_time_ms = m__io->read_s4be();
        m_num_results = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_results = kaitai::ref<kaitai::vec<kaitai::ref<resource_t>>>(new kaitai::vec<kaitai::ref<resource_t>>());
        const int l_results = num_results()->value();
        for (int i = 0; i < l_results; i++) {
            m_results->push_back(std::move(kaitai::ref<resource_t>(new resource_t(m__io, this, m__root))));
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

    describe_configs_response_t::~describe_configs_response_t() {
        _clean_up();
    }

    void describe_configs_response_t::_clean_up() {}

    describe_configs_response_t::config_t::config_t(kaitai::kstream* p__io, describe_configs_response_t::resource_t* p__parent, describe_configs_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_name = nullptr;
        m_value = nullptr;
        m_num_synonyms = nullptr;
        m_synonyms = nullptr;
        m_documentation = nullptr;
        m_tags = nullptr;
        f_is_sensitive = false;
        f_read_only = false;
        _read();
    }

    void describe_configs_response_t::config_t::_read() {
        m_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_value = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        m_read_only_byte = m__io->read_s1();
        m_config_source = m__io->read_s1();
        m_is_sensitive_byte = m__io->read_s1();
        m_num_synonyms = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_synonyms = kaitai::ref<kaitai::vec<kaitai::ref<synonym_t>>>(new kaitai::vec<kaitai::ref<synonym_t>>());
        const int l_synonyms = num_synonyms()->value();
        for (int i = 0; i < l_synonyms; i++) {
            m_synonyms->push_back(std::move(kaitai::ref<synonym_t>(new synonym_t(m__io, this, m__root))));
        }
        if (_root()->version() >= 3) {
            m_config_type = m__io->read_s1();
        }
        if (_root()->version() >= 3) {
            m_documentation = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    describe_configs_response_t::config_t::~config_t() {
        _clean_up();
    }

    void describe_configs_response_t::config_t::_clean_up() {}

    bool describe_configs_response_t::config_t::is_sensitive() {
        if (f_is_sensitive)
            return m_is_sensitive;
        f_is_sensitive = true;
        m_is_sensitive = is_sensitive_byte() != 0;
        return m_is_sensitive;
    }

    bool describe_configs_response_t::config_t::read_only() {
        if (f_read_only)
            return m_read_only;
        f_read_only = true;
        m_read_only = read_only_byte() != 0;
        return m_read_only;
    }

    describe_configs_response_t::resource_t::resource_t(kaitai::kstream* p__io, describe_configs_response_t* p__parent, describe_configs_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_error_message = nullptr;
        m_resource_name = nullptr;
        m_num_configs = nullptr;
        m_configs = nullptr;
        m_tags = nullptr;
        _read();
    }

    void describe_configs_response_t::resource_t::_read() {
        m_error = m__io->read_s2be();
        m_error_message = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
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

    describe_configs_response_t::resource_t::~resource_t() {
        _clean_up();
    }

    void describe_configs_response_t::resource_t::_clean_up() {}

    describe_configs_response_t::synonym_t::synonym_t(kaitai::kstream* p__io, describe_configs_response_t::config_t* p__parent, describe_configs_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_name = nullptr;
        m_value = nullptr;
        m_tags = nullptr;
        _read();
    }

    void describe_configs_response_t::synonym_t::_read() {
        m_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_value = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        m_source = m__io->read_s1();
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    describe_configs_response_t::synonym_t::~synonym_t() {
        _clean_up();
    }

    void describe_configs_response_t::synonym_t::_clean_up() {}

    bool describe_configs_response_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 4;
        return m_flexible;
    }
}
