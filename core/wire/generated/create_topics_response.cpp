// Generated from core/wire/ksy/create_topics_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/create_topics_response.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    create_topics_response_t::create_topics_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, create_topics_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_topics = nullptr;
        m_topics = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void create_topics_response_t::_read() {
        m_throttle_time_ms = m__io->read_s4be();
        m_num_topics = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_topics = kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>>(new kaitai::vec<kaitai::ref<topic_t>>());
        const int l_topics = num_topics()->value();
        for (int i = 0; i < l_topics; i++) {
            m_topics->push_back(std::move(kaitai::ref<topic_t>(new topic_t(m__io, this, m__root))));
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

    create_topics_response_t::~create_topics_response_t() {
        _clean_up();
    }

    void create_topics_response_t::_clean_up() {}

    create_topics_response_t::config_t::config_t(kaitai::kstream* p__io, create_topics_response_t::topic_t* p__parent, create_topics_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_name = nullptr;
        m_value = nullptr;
        m_tags = nullptr;
        f_is_sensitive = false;
        f_read_only = false;
        _read();
    }

    void create_topics_response_t::config_t::_read() {
        m_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_value = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        m_read_only_byte = m__io->read_s1();
        m_config_source = m__io->read_s1();
        m_is_sensitive_byte = m__io->read_s1();
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    create_topics_response_t::config_t::~config_t() {
        _clean_up();
    }

    void create_topics_response_t::config_t::_clean_up() {}

    bool create_topics_response_t::config_t::is_sensitive() {
        if (f_is_sensitive)
            return m_is_sensitive;
        f_is_sensitive = true;
        m_is_sensitive = is_sensitive_byte() != 0;
        return m_is_sensitive;
    }

    bool create_topics_response_t::config_t::read_only() {
        if (f_read_only)
            return m_read_only;
        f_read_only = true;
        m_read_only = read_only_byte() != 0;
        return m_read_only;
    }

    create_topics_response_t::topic_t::topic_t(kaitai::kstream* p__io, create_topics_response_t* p__parent, create_topics_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_name = nullptr;
        m_error_message = nullptr;
        m_num_configs = nullptr;
        m_configs = nullptr;
        m_tags = nullptr;
        _read();
    }

    void create_topics_response_t::topic_t::_read() {
        m_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        if (_root()->version() >= 7) {
            m_topic_id = m__io->read_bytes(16);
        }
        m_error = m__io->read_s2be();
        m_error_message = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        if (_root()->version() >= 5) {
            m_num_partitions = m__io->read_s4be();
        }
        if (_root()->version() >= 5) {
            m_replication_factor = m__io->read_s2be();
        }
        if (_root()->version() >= 5) {
            m_num_configs = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), true, m__io));
        }
        if ( ((_root()->version() >= 5) && (num_configs()->value() >= 0)) ) {
            m_configs = kaitai::ref<kaitai::vec<kaitai::ref<config_t>>>(new kaitai::vec<kaitai::ref<config_t>>());
            const int l_configs = num_configs()->value();
            for (int i = 0; i < l_configs; i++) {
                m_configs->push_back(std::move(kaitai::ref<config_t>(new config_t(m__io, this, m__root))));
            }
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    create_topics_response_t::topic_t::~topic_t() {
        _clean_up();
    }

    void create_topics_response_t::topic_t::_clean_up() {}

    bool create_topics_response_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 5;
        return m_flexible;
    }
}
