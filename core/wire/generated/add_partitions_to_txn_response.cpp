// Generated from core/wire/ksy/add_partitions_to_txn_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/add_partitions_to_txn_response.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    add_partitions_to_txn_response_t::add_partitions_to_txn_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, add_partitions_to_txn_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_results_by_topic = nullptr;
        m_results_by_topic = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void add_partitions_to_txn_response_t::_read() {
        m_throttle_time_ms = m__io->read_s4be();
        m_num_results_by_topic = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_results_by_topic = kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>>(new kaitai::vec<kaitai::ref<topic_t>>());
        const int l_results_by_topic = num_results_by_topic()->value();
        for (int i = 0; i < l_results_by_topic; i++) {
            m_results_by_topic->push_back(std::move(kaitai::ref<topic_t>(new topic_t(m__io, this, m__root))));
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

    add_partitions_to_txn_response_t::~add_partitions_to_txn_response_t() {
        _clean_up();
    }

    void add_partitions_to_txn_response_t::_clean_up() {}

    add_partitions_to_txn_response_t::partition_t::partition_t(kaitai::kstream* p__io, add_partitions_to_txn_response_t::topic_t* p__parent, add_partitions_to_txn_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_tags = nullptr;
        _read();
    }

    void add_partitions_to_txn_response_t::partition_t::_read() {
        m_partition_index = m__io->read_s4be();
        m_partition_error = m__io->read_s2be();
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    add_partitions_to_txn_response_t::partition_t::~partition_t() {
        _clean_up();
    }

    void add_partitions_to_txn_response_t::partition_t::_clean_up() {}

    add_partitions_to_txn_response_t::topic_t::topic_t(kaitai::kstream* p__io, add_partitions_to_txn_response_t* p__parent, add_partitions_to_txn_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_name = nullptr;
        m_num_results_by_partition = nullptr;
        m_results_by_partition = nullptr;
        m_tags = nullptr;
        _read();
    }

    void add_partitions_to_txn_response_t::topic_t::_read() {
        m_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_num_results_by_partition = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_results_by_partition = kaitai::ref<kaitai::vec<kaitai::ref<partition_t>>>(new kaitai::vec<kaitai::ref<partition_t>>());
        const int l_results_by_partition = num_results_by_partition()->value();
        for (int i = 0; i < l_results_by_partition; i++) {
            m_results_by_partition->push_back(std::move(kaitai::ref<partition_t>(new partition_t(m__io, this, m__root))));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    add_partitions_to_txn_response_t::topic_t::~topic_t() {
        _clean_up();
    }

    void add_partitions_to_txn_response_t::topic_t::_clean_up() {}

    bool add_partitions_to_txn_response_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 3;
        return m_flexible;
    }
}
