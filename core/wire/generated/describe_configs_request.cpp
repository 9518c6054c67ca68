// Generated from core/wire/ksy/describe_configs_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/describe_configs_request.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    describe_configs_request_t::describe_configs_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, describe_configs_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_resources = nullptr;
        m_resources = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        f_include_documentation = false;
        f_include_synonyms = false;
        _read();
    }

    void describe_configs_request_t::_read() {
        m_num_resources = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_resources = kaitai::ref<kaitai::vec<kaitai::ref<resource_t>>>(new kaitai::vec<kaitai::ref<resource_t>>());
        const int l_resources = num_resources()->value();
        for (int i = 0; i < l_resources; i++) {
            m_resources->push_back(std::move(kaitai::ref<resource_t>(new resource_t(m__io, this, m__root))));
        }
        m_include_synonyms_byte = m__io->read_s1();
        if (_root()->version() >= 3) {
            m_include_documentation_byte = m__io->read_s1();
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

    describe_configs_request_t::~describe_configs_request_t() {
        _clean_up();
    }

    void describe_configs_request_t::_clean_up() {}

    describe_configs_request_t::resource_t::resource_t(kaitai::kstream* p__io, describe_configs_request_t* p__parent, describe_configs_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_resource_name = nullptr;
        m_num_configuration_keys = nullptr;
        m_configuration_keys = nullptr;
        m_tags = nullptr;
        _read();
    }

    void describe_configs_request_t::resource_t::_read() {
        m_resource_type = m__io->read_s1();
        m_resource_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_num_configuration_keys = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), true, m__io));
        if (num_configuration_keys()->value() >= 0) {
            m_configuration_keys = kaitai::ref<kaitai::vec<kaitai::ref<kafka_types_t::text_t>>>(new kaitai::vec<kaitai::ref<kafka_types_t::text_t>>());
            const int l_configuration_keys = num_configuration_keys()->value();
            for (int i = 0; i < l_configuration_keys; i++) {
                m_configuration_keys->push_back(std::move(kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io))));
            }
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    describe_configs_request_t::resource_t::~resource_t() {
        _clean_up();
    }

    void describe_configs_request_t::resource_t::_clean_up() {}

    bool describe_configs_request_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 4;
        return m_flexible;
    }

    bool describe_configs_request_t::include_documentation() {
        if (f_include_documentation)
            return m_include_documentation;
        f_include_documentation = true;
        m_include_documentation = include_documentation_byte() != 0;
        return m_include_documentation;
    }

    bool describe_configs_request_t::include_synonyms() {
        if (f_include_synonyms)
            return m_include_synonyms;
        f_include_synonyms = true;
        m_include_synonyms = include_synonyms_byte() != 0;
        return m_include_synonyms;
    }
}
