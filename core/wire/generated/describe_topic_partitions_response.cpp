// Generated from core/wire/ksy/describe_topic_partitions_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/describe_topic_partitions_response.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    describe_topic_partitions_response_t::describe_topic_partitions_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, describe_topic_partitions_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_topics = nullptr;
        m_topics = nullptr;
        m_next_cursor = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void describe_topic_partitions_response_t::_read() {
        m_throttle_time_ms = m__io->read_s4be();
        m_num_topics = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_topics = kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>>(new kaitai::vec<kaitai::ref<topic_t>>());
        const int l_topics = num_topics()->value();
        for (int i = 0; i < l_topics; i++) {
            m_topics->push_back(std::move(kaitai::ref<topic_t>(new topic_t(m__io, this, m__root))));
        }
        m_next_cursor_marker = m__io->read_s1();
        if (next_cursor_marker() >= 0) {
            m_next_cursor = kaitai::ref<cursor_t>(new cursor_t(m__io, this, m__root));
        }
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

    describe_topic_partitions_response_t::~describe_topic_partitions_response_t() {
        _clean_up();
    }

    void describe_topic_partitions_response_t::_clean_up() {}

    describe_topic_partitions_response_t::cursor_t::cursor_t(kaitai::kstream* p__io, describe_topic_partitions_response_t* p__parent, describe_topic_partitions_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_topic_name = nullptr;
        m_tags = nullptr;
        _read();
    }

    void describe_topic_partitions_response_t::cursor_t::_read() {
        m_topic_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_partition_index = m__io->read_s4be();
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    describe_topic_partitions_response_t::cursor_t::~cursor_t() {
        _clean_up();
    }

    void describe_topic_partitions_response_t::cursor_t::_clean_up() {}

    describe_topic_partitions_response_t::partition_t::partition_t(kaitai::kstream* p__io, describe_topic_partitions_response_t::topic_t* p__parent, describe_topic_partitions_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_num_replica_nodes = nullptr;
        m_replica_nodes = nullptr;
        m_num_isr_nodes = nullptr;
        m_isr_nodes = nullptr;
        m_num_eligible_leader_replicas = nullptr;
        m_eligible_leader_replicas = nullptr;
        m_num_last_known_elr = nullptr;
        m_last_known_elr = nullptr;
        m_num_offline_replicas = nullptr;
        m_offline_replicas = nullptr;
        m_tags = nullptr;
        _read();
    }

    void describe_topic_partitions_response_t::partition_t::_read() {
        m_error = m__io->read_s2be();
        m_partition_index = m__io->read_s4be();
        m_leader_id = m__io->read_s4be();
        m_leader_epoch = m__io->read_s4be();
        m_num_replica_nodes = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_replica_nodes = kaitai::ref<kaitai::vec<int32_t>>(new kaitai::vec<int32_t>());
        const int l_replica_nodes = num_replica_nodes()->value();
        for (int i = 0; i < l_replica_nodes; i++) {
            m_replica_nodes->push_back(std::move(m__io->read_s4be()));
        }
        m_num_isr_nodes = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_isr_nodes = kaitai::ref<kaitai::vec<int32_t>>(new kaitai::vec<int32_t>());
        const int l_isr_nodes = num_isr_nodes()->value();
        for (int i = 0; i < l_isr_nodes; i++) {
            m_isr_nodes->push_back(std::move(m__io->read_s4be()));
        }
        m_num_eligible_leader_replicas = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), true, m__io));
        if (num_eligible_leader_replicas()->value() >= 0) {
            m_eligible_leader_replicas = kaitai::ref<kaitai::vec<int32_t>>(new kaitai::vec<int32_t>());
            const int l_eligible_leader_replicas = num_eligible_leader_replicas()->value();
            for (int i = 0; i < l_eligible_leader_replicas; i++) {
                m_eligible_leader_replicas->push_back(std::move(m__io->read_s4be()));
            }
        }
        m_num_last_known_elr = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), true, m__io));
        if (num_last_known_elr()->value() >= 0) {
            m_last_known_elr = kaitai::ref<kaitai::vec<int32_t>>(new kaitai::vec<int32_t>());
            const int l_last_known_elr = num_last_known_elr()->value();
            for (int i = 0; i < l_last_known_elr; i++) {
                m_last_known_elr->push_back(std::move(m__io->read_s4be()));
            }
        }
        m_num_offline_replicas = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_offline_replicas = kaitai::ref<kaitai::vec<int32_t>>(new kaitai::vec<int32_t>());
        const int l_offline_replicas = num_offline_replicas()->value();
        for (int i = 0; i < l_offline_replicas; i++) {
            m_offline_replicas->push_back(std::move(m__io->read_s4be()));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    describe_topic_partitions_response_t::partition_t::~partition_t() {
        _clean_up();
    }

    void describe_topic_partitions_response_t::partition_t::_clean_up() {}

    describe_topic_partitions_response_t::topic_t::topic_t(kaitai::kstream* p__io, describe_topic_partitions_response_t* p__parent, describe_topic_partitions_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_name = nullptr;
        m_num_partitions = nullptr;
        m_partitions = nullptr;
        m_tags = nullptr;
        f_is_internal = false;
        _read();
    }

    void describe_topic_partitions_response_t::topic_t::_read() {
        m_error = m__io->read_s2be();
        m_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        m_topic_id = m__io->read_bytes(16);
        m_is_internal_byte = m__io->read_s1();
        m_num_partitions = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_partitions = kaitai::ref<kaitai::vec<kaitai::ref<partition_t>>>(new kaitai::vec<kaitai::ref<partition_t>>());
        const int l_partitions = num_partitions()->value();
        for (int i = 0; i < l_partitions; i++) {
            m_partitions->push_back(std::move(kaitai::ref<partition_t>(new partition_t(m__io, this, m__root))));
        }
        m_topic_authorized_operations = m__io->read_s4be();
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    describe_topic_partitions_response_t::topic_t::~topic_t() {
        _clean_up();
    }

    void describe_topic_partitions_response_t::topic_t::_clean_up() {}

    bool describe_topic_partitions_response_t::topic_t::is_internal() {
        if (f_is_internal)
            return m_is_internal;
        f_is_internal = true;
        m_is_internal = is_internal_byte() != 0;
        return m_is_internal;
    }

    bool describe_topic_partitions_response_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 0;
        return m_flexible;
    }
}
