// Generated from core/wire/ksy/elect_leaders_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/elect_leaders_response.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    elect_leaders_response_t::elect_leaders_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, elect_leaders_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_replica_election_results = nullptr;
        m_replica_election_results = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void elect_leaders_response_t::_read() {
        m_throttle_time_ms = m__io->read_s4be();
        if (_root()->version() >= 1) {
            m_error = m__io->read_s2be();
        }
        m_num_replica_election_results = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_replica_election_results = kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>>(new kaitai::vec<kaitai::ref<topic_t>>());
        const int l_replica_election_results = num_replica_election_results()->value();
        for (int i = 0; i < l_replica_election_results; i++) {
            m_replica_election_results->push_back(std::move(kaitai::ref<topic_t>(new topic_t(m__io, this, m__root))));
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

    elect_leaders_response_t::~elect_leaders_response_t() {
        _clean_up();
    }

    void elect_leaders_response_t::_clean_up() {}

    elect_leaders_response_t::partition_t::partition_t(kaitai::kstream* p__io, elect_leaders_response_t::topic_t* p__parent, elect_leaders_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_error_message = nullptr;
        m_tags = nullptr;
        _read();
    }

    void elect_leaders_response_t::partition_t::_read() {
        m_partition_id = m__io->read_s4be();
        m_error = m__io->read_s2be();
        m_error_message = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    elect_leaders_response_t::partition_t::~partition_t() {
        _clean_up();
    }

    void elect_leaders_response_t::partition_t::_clean_up() {}

    elect_leaders_response_t::topic_t::topic_t(kaitai::kstream* p__io, elect_leaders_response_t* p__parent, elect_leaders_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_topic = nullptr;
        m_num_partition_result = nullptr;
        m_partition_result = nullptr;
        m_tags = nullptr;
        _read();
    }

    void elect_leaders_response_t::topic_t::_read() {
        m_topic = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_num_partition_result = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_partition_result = kaitai::ref<kaitai::vec<kaitai::ref<partition_t>>>(new kaitai::vec<kaitai::ref<partition_t>>());
        const int l_partition_result = num_partition_result()->value();
        for (int i = 0; i < l_partition_result; i++) {
            m_partition_result->push_back(std::move(kaitai::ref<partition_t>(new partition_t(m__io, this, m__root))));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    elect_leaders_response_t::topic_t::~topic_t() {
        _clean_up();
    }

    void elect_leaders_response_t::topic_t::_clean_up() {}

    bool elect_leaders_response_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 2;
        return m_flexible;
    }
}
