// Generated from core/wire/ksy/delete_topics_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/delete_topics_request.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    delete_topics_request_t::delete_topics_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, delete_topics_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_topics = nullptr;
        m_topics = nullptr;
        m_num_topic_names = nullptr;
        m_topic_names = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void delete_topics_request_t::_read() {
        if (_root()->version() >= 6) {
            m_num_topics = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        }
        if (_root()->version() >= 6) {
            m_topics = kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>>(new kaitai::vec<kaitai::ref<topic_t>>());
            const int l_topics = num_topics()->value();
            for (int i = 0; i < l_topics; i++) {
                m_topics->push_back(std::move(kaitai::ref<topic_t>(new topic_t(m__io, this, m__root))));
            }
        }
        if (_root()->version() <= 5) {
            m_num_topic_names = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        }
        if (_root()->version() <= 5) {
            m_topic_names = kaitai::ref<kaitai::vec<kaitai::ref<kafka_types_t::text_t>>>(new kaitai::vec<kaitai::ref<kafka_types_t::text_t>>());
            const int l_topic_names = num_topic_names()->value();
            for (int i = 0; i < l_topic_names; i++) {
                m_topic_names->push_back(std::move(kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io))));
            }
        }
        m_timeout_ms = m__io->read_s4be();
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
        m_end = m__io->read_bytes(0);
        {
            kaitai::bytes_view _ = m_end;
            if (!(_io()->is_eof())) {
                throw kaitai::validation_expr_error<kaitai::bytes_view>(m_end, m__io, kaitai::bytes_view("/seq/6"));
            }
        }
    }

    delete_topics_request_t::~delete_topics_request_t() {
        _clean_up();
    }

    void delete_topics_request_t::_clean_up() {}

    delete_topics_request_t::topic_t::topic_t(kaitai::kstream* p__io, delete_topics_request_t* p__parent, delete_topics_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_name = nullptr;
        m_tags = nullptr;
        _read();
    }

    void delete_topics_request_t::topic_t::_read() {
        m_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        m_topic_id = m__io->read_bytes(16);
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    delete_topics_request_t::topic_t::~topic_t() {
        _clean_up();
    }

    void delete_topics_request_t::topic_t::_clean_up() {}

    bool delete_topics_request_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 4;
        return m_flexible;
    }
}
