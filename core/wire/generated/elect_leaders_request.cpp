// Generated from core/wire/ksy/elect_leaders_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/elect_leaders_request.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    elect_leaders_request_t::elect_leaders_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, elect_leaders_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_topic_partitions = nullptr;
        m_topic_partitions = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void elect_leaders_request_t::_read() {
        if (_root()->version() >= 1) {
            m_election_type = m__io->read_s1();
        }
        m_num_topic_partitions = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), true, m__io));
        if (num_topic_partitions()->value() >= 0) {
            m_topic_partitions = kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>>(new kaitai::vec<kaitai::ref<topic_t>>());
            const int l_topic_partitions = num_topic_partitions()->value();
            for (int i = 0; i < l_topic_partitions; i++) {
                m_topic_partitions->push_back(std::move(kaitai::ref<topic_t>(new topic_t(m__io, this, m__root))));
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
                throw kaitai::validation_expr_error<kaitai::bytes_view>(m_end, m__io, kaitai::bytes_view("/seq/5"));
            }
        }
    }

    elect_leaders_request_t::~elect_leaders_request_t() {
        _clean_up();
    }

    void elect_leaders_request_t::_clean_up() {}

    elect_leaders_request_t::topic_t::topic_t(kaitai::kstream* p__io, elect_leaders_request_t* p__parent, elect_leaders_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_topic = nullptr;
        m_num_partitions = nullptr;
        m_partitions = nullptr;
        m_tags = nullptr;
        _read();
    }

    void elect_leaders_request_t::topic_t::_read() {
        m_topic = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_num_partitions = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_partitions = kaitai::ref<kaitai::vec<int32_t>>(new kaitai::vec<int32_t>());
        const int l_partitions = num_partitions()->value();
        for (int i = 0; i < l_partitions; i++) {
            m_partitions->push_back(std::move(m__io->read_s4be()));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    elect_leaders_request_t::topic_t::~topic_t() {
        _clean_up();
    }

    void elect_leaders_request_t::topic_t::_clean_up() {}

    bool elect_leaders_request_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 2;
        return m_flexible;
    }
}
