// Generated from core/wire/ksy/metadata_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/metadata_response.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    metadata_response_t::metadata_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, metadata_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_brokers = nullptr;
        m_brokers = nullptr;
        m_cluster_id = nullptr;
        m_num_topics = nullptr;
        m_topics = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void metadata_response_t::_read() {
        if (_root()->version() >= 3) {
            m_throttle_time_ms = m__io->read_s4be();
        }
        m_num_brokers = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_brokers = kaitai::ref<kaitai::vec<kaitai::ref<broker_t>>>(new kaitai::vec<kaitai::ref<broker_t>>());
        const int l_brokers = num_brokers()->value();
        for (int i = 0; i < l_brokers; i++) {
            m_brokers->push_back(std::move(kaitai::ref<broker_t>(new broker_t(m__io, this, m__root))));
        }
        if (_root()->version() >= 2) {
            m_cluster_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        }
        if (_root()->version() >= 1) {
            m_controller_id = m__io->read_s4be();
        }
        m_num_topics = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_topics = kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>>(new kaitai::vec<kaitai::ref<topic_t>>());
        const int l_topics = num_topics()->value();
        for (int i = 0; i < l_topics; i++) {
            m_topics->push_back(std::move(kaitai::ref<topic_t>(new topic_t(m__io, this, m__root))));
        }
        if ( ((_root()->version() >= 8) && (_root()->version() <= 10)) ) {
            m_cluster_authorized_operations = m__io->read_s4be();
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
        m_end = m__io->read_bytes(0);
        {
            kaitai::bytes_view _ = m_end;
            if (!(_io()->is_eof())) {
                throw kaitai::validation_expr_error<kaitai::bytes_view>(m_end, m__io, kaitai::bytes_view("/seq/9"));
            }
        }
    }

    metadata_response_t::~metadata_response_t() {
        _clean_up();
    }

    void metadata_response_t::_clean_up() {}

    metadata_response_t::broker_t::broker_t(kaitai::kstream* p__io, metadata_response_t* p__parent, metadata_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_host = nullptr;
        m_rack = nullptr;
        m_tags = nullptr;
        _read();
    }

    void metadata_response_t::broker_t::_read() {
        m_node_id = m__io->read_s4be();
        m_host = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_port = m__io->read_s4be();
        if (_root()->version() >= 1) {
            m_rack = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    metadata_response_t::broker_t::~broker_t() {
        _clean_up();
    }

    void metadata_response_t::broker_t::_clean_up() {}

    metadata_response_t::partition_t::partition_t(kaitai::kstream* p__io, metadata_response_t::topic_t* p__parent, metadata_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_num_replica_nodes = nullptr;
        m_replica_nodes = nullptr;
        m_num_isr_nodes = nullptr;
        m_isr_nodes = nullptr;
        m_num_offline_replicas = nullptr;
        m_offline_replicas = nullptr;
        m_tags = nullptr;
        _read();
    }

    void metadata_response_t::partition_t::_read() {
        m_error = m__io->read_s2be();
        m_partition_index = m__io->read_s4be();
        m_leader_id = m__io->read_s4be();
        if (_root()->version() >= 7) {
            m_leader_epoch = m__io->read_s4be();
        }
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
        if (_root()->version() >= 5) {
            m_num_offline_replicas = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        }
        if (_root()->version() >= 5) {
            m_offline_replicas = kaitai::ref<kaitai::vec<int32_t>>(new kaitai::vec<int32_t>());
            const int l_offline_replicas = num_offline_replicas()->value();
            for (int i = 0; i < l_offline_replicas; i++) {
                m_offline_replicas->push_back(std::move(m__io->read_s4be()));
            }
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    metadata_response_t::partition_t::~partition_t() {
        _clean_up();
    }

    void metadata_response_t::partition_t::_clean_up() {}

    metadata_response_t::topic_t::topic_t(kaitai::kstream* p__io, metadata_response_t* p__parent, metadata_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_name = nullptr;
        m_num_partitions = nullptr;
        m_partitions = nullptr;
        m_tags = nullptr;
        f_is_internal = false;
        _read();
    }

    void metadata_response_t::topic_t::_read() {
        m_error = m__io->read_s2be();
        m_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), _root()->version() >= 12, m__io));
        if (_root()->version() >= 10) {
            m_topic_id = m__io->read_bytes(16);
        }
        if (_root()->version() >= 1) {
            m_is_internal_byte = m__io->read_s1();
        }
        m_num_partitions = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_partitions = kaitai::ref<kaitai::vec<kaitai::ref<partition_t>>>(new kaitai::vec<kaitai::ref<partition_t>>());
        const int l_partitions = num_partitions()->value();
        for (int i = 0; i < l_partitions; i++) {
            m_partitions->push_back(std::move(kaitai::ref<partition_t>(new partition_t(m__io, this, m__root))));
        }
        if (_root()->version() >= 8) {
            m_topic_authorized_operations = m__io->read_s4be();
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    metadata_response_t::topic_t::~topic_t() {
        _clean_up();
    }

    void metadata_response_t::topic_t::_clean_up() {}

    bool metadata_response_t::topic_t::is_internal() {
        if (f_is_internal)
            return m_is_internal;
        f_is_internal = true;
        m_is_internal = is_internal_byte() != 0;
        return m_is_internal;
    }

    bool metadata_response_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 9;
        return m_flexible;
    }
}
