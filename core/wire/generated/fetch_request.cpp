// Generated from core/wire/ksy/fetch_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/fetch_request.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    fetch_request_t::fetch_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, fetch_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_topics = nullptr;
        m_topics = nullptr;
        m_num_forgotten_topics_data = nullptr;
        m_forgotten_topics_data = nullptr;
        m_rack_id = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void fetch_request_t::_read() {
        if (_root()->version() <= 14) {
            m_replica_id = m__io->read_s4be();
        }
        m_max_wait_ms = m__io->read_s4be();
        m_min_bytes = m__io->read_s4be();
        m_max_bytes = m__io->read_s4be();
        m_isolation_level = m__io->read_s1();
        if (_root()->version() >= 7) {
            m_session_id = m__io->read_s4be();
        }
        if (_root()->version() >= 7) {
            m_session_epoch = m__io->read_s4be();
        }
        m_num_topics = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_topics = kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>>(new kaitai::vec<kaitai::ref<topic_t>>());
        const int l_topics = num_topics()->value();
        for (int i = 0; i < l_topics; i++) {
            m_topics->push_back(std::move(kaitai::ref<topic_t>(new topic_t(m__io, this, m__root))));
        }
        if (_root()->version() >= 7) {
            m_num_forgotten_topics_data = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        }
        if (_root()->version() >= 7) {
            m_forgotten_topics_data = kaitai::ref<kaitai::vec<kaitai::ref<forgotten_topic_t>>>(new kaitai::vec<kaitai::ref<forgotten_topic_t>>());
            const int l_forgotten_topics_data = num_forgotten_topics_data()->value();
            for (int i = 0; i < l_forgotten_topics_data; i++) {
                m_forgotten_topics_data->push_back(std::move(kaitai::ref<forgotten_topic_t>(new forgotten_topic_t(m__io, this, m__root))));
            }
        }
        if (_root()->version() >= 11) {
            m_rack_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
        m_end = m__io->read_bytes(0);
        {
            kaitai::bytes_view _ = m_end;
            if (!(_io()->is_eof())) {
                throw kaitai::validation_expr_error<kaitai::bytes_view>(m_end, m__io, kaitai::bytes_view("/seq/13"));
            }
        }
    }

    fetch_request_t::~fetch_request_t() {
        _clean_up();
    }

    void fetch_request_t::_clean_up() {}

    fetch_request_t::forgotten_topic_t::forgotten_topic_t(kaitai::kstream* p__io, fetch_request_t* p__parent, fetch_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_topic = nullptr;
        m_num_partitions = nullptr;
        m_partitions = nullptr;
        m_tags = nullptr;
        _read();
    }

    void fetch_request_t::forgotten_topic_t::_read() {
        if (_root()->version() <= 12) {
            m_topic = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        }
        if (_root()->version() >= 13) {
            m_topic_id = m__io->read_bytes(16);
        }
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

    fetch_request_t::forgotten_topic_t::~forgotten_topic_t() {
        _clean_up();
    }

    void fetch_request_t::forgotten_topic_t::_clean_up() {}

    fetch_request_t::partition_t::partition_t(kaitai::kstream* p__io, fetch_request_t::topic_t* p__parent, fetch_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_tags = nullptr;
        _read();
    }

    void fetch_request_t::partition_t::_read() {
        m_partition = m__io->read_s4be();
        if (_root()->version() >= 9) {
            m_current_leader_epoch = m__io->read_s4be();
        }
        m_fetch_offset = m__io->read_s8be();
        if (_root()->version() >= 12) {
            m_last_fetched_epoch = m__io->read_s4be();
        }
        if (_root()->version() >= 5) {
            m_log_start_offset = m__io->read_s8be();
        }
        m_partition_max_bytes = m__io->read_s4be();
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    fetch_request_t::partition_t::~partition_t() {
        _clean_up();
    }

    void fetch_request_t::partition_t::_clean_up() {}

    fetch_request_t::topic_t::topic_t(kaitai::kstream* p__io, fetch_request_t* p__parent, fetch_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_topic = nullptr;
        m_num_partitions = nullptr;
        m_partitions = nullptr;
        m_tags = nullptr;
        _read();
    }

    void fetch_request_t::topic_t::_read() {
        if (_root()->version() <= 12) {
            m_topic = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        }
        if (_root()->version() >= 13) {
            m_topic_id = m__io->read_bytes(16);
        }
        m_num_partitions = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_partitions = kaitai::ref<kaitai::vec<kaitai::ref<partition_t>>>(new kaitai::vec<kaitai::ref<partition_t>>());
        const int l_partitions = num_partitions()->value();
        for (int i = 0; i < l_partitions; i++) {
            m_partitions->push_back(std::move(kaitai::ref<partition_t>(new partition_t(m__io, this, m__root))));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    fetch_request_t::topic_t::~topic_t() {
        _clean_up();
    }

    void fetch_request_t::topic_t::_clean_up() {}

    bool fetch_request_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 12;
        return m_flexible;
    }
}
