// Generated from core/wire/ksy/metadata_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/metadata_request.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    metadata_request_t::metadata_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, metadata_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_topics = nullptr;
        m_topics = nullptr;
        m_tags = nullptr;
        f_allow_auto_topic_creation = false;
        f_flexible = false;
        f_include_cluster_authorized_operations = false;
        f_include_topic_authorized_operations = false;
        _read();
    }

    void metadata_request_t::_read() {
        m_num_topics = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), _root()->version() >= 1, m__io));
        if (num_topics()->value() >= 0) {
            m_topics = kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>>(new kaitai::vec<kaitai::ref<topic_t>>());
            const int l_topics = num_topics()->value();
            for (int i = 0; i < l_topics; i++) {
                m_topics->push_back(std::move(kaitai::ref<topic_t>(new topic_t(m__io, this, m__root))));
            }
        }
        if (_root()->version() >= 4) {
            m_allow_auto_topic_creation_byte = m__io->read_s1();
        }
        if ( ((_root()->version() >= 8) && (_root()->version() <= 10)) ) {
            m_include_cluster_authorized_operations_byte = m__io->read_s1();
        }
        if (_root()->version() >= 8) {
            m_include_topic_authorized_operations_byte = m__io->read_s1();
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
        m_end = m__io->read_bytes(0);
        {
            kaitai::bytes_view _ = m_end;
            if (!( ((_io()->is_eof()) || ( ((_root()->flexible()) && (_io()->size() - _io()->pos() <= 3)) )) )) {
                throw kaitai::validation_expr_error<kaitai::bytes_view>(m_end, m__io, kaitai::bytes_view("/seq/6"));
            }
        }
    }

    metadata_request_t::~metadata_request_t() {
        _clean_up();
    }

    void metadata_request_t::_clean_up() {}

    metadata_request_t::topic_t::topic_t(kaitai::kstream* p__io, metadata_request_t* p__parent, metadata_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_name = nullptr;
        m_tags = nullptr;
        _read();
    }

    void metadata_request_t::topic_t::_read() {
        if (_root()->version() >= 10) {
            m_topic_id = m__io->read_bytes(16);
        }
        m_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), _root()->version() >= 10, m__io));
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    metadata_request_t::topic_t::~topic_t() {
        _clean_up();
    }

    void metadata_request_t::topic_t::_clean_up() {}

    bool metadata_request_t::allow_auto_topic_creation() {
        if (f_allow_auto_topic_creation)
            return m_allow_auto_topic_creation;
        f_allow_auto_topic_creation = true;
        m_allow_auto_topic_creation = allow_auto_topic_creation_byte() != 0;
        return m_allow_auto_topic_creation;
    }

    bool metadata_request_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 9;
        return m_flexible;
    }

    bool metadata_request_t::include_cluster_authorized_operations() {
        if (f_include_cluster_authorized_operations)
            return m_include_cluster_authorized_operations;
        f_include_cluster_authorized_operations = true;
        m_include_cluster_authorized_operations = include_cluster_authorized_operations_byte() != 0;
        return m_include_cluster_authorized_operations;
    }

    bool metadata_request_t::include_topic_authorized_operations() {
        if (f_include_topic_authorized_operations)
            return m_include_topic_authorized_operations;
        f_include_topic_authorized_operations = true;
        m_include_topic_authorized_operations = include_topic_authorized_operations_byte() != 0;
        return m_include_topic_authorized_operations;
    }
}
