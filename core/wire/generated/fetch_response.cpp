// Generated from core/wire/ksy/fetch_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/fetch_response.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    fetch_response_t::fetch_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, fetch_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_responses = nullptr;
        m_responses = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void fetch_response_t::_read() {
        m_throttle_time_ms = m__io->read_s4be();
        if (_root()->version() >= 7) {
            m_error = m__io->read_s2be();
        }
        if (_root()->version() >= 7) {
            m_session_id = m__io->read_s4be();
        }
        m_num_responses = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_responses = kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>>(new kaitai::vec<kaitai::ref<topic_t>>());
        const int l_responses = num_responses()->value();
        for (int i = 0; i < l_responses; i++) {
            m_responses->push_back(std::move(kaitai::ref<topic_t>(new topic_t(m__io, this, m__root))));
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

    fetch_response_t::~fetch_response_t() {
        _clean_up();
    }

    void fetch_response_t::_clean_up() {}

    fetch_response_t::aborted_transaction_t::aborted_transaction_t(kaitai::kstream* p__io, fetch_response_t::partition_t* p__parent, fetch_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_tags = nullptr;
        _read();
    }

    void fetch_response_t::aborted_transaction_t::_read() {
        m_producer_id = m__io->read_s8be();
        m_first_offset = m__io->read_s8be();
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    fetch_response_t::aborted_transaction_t::~aborted_transaction_t() {
        _clean_up();
    }

    void fetch_response_t::aborted_transaction_t::_clean_up() {}

    fetch_response_t::partition_t::partition_t(kaitai::kstream* p__io, fetch_response_t::topic_t* p__parent, fetch_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_num_aborted_transactions = nullptr;
        m_aborted_transactions = nullptr;
        m_records = nullptr;
        m_tags = nullptr;
        _read();
    }

    void fetch_response_t::partition_t::_read() {
        m_partition_index = m__io->read_s4be();
        m_error = m__io->read_s2be();
        m_high_watermark = m__io->read_s8be();
        m_last_stable_offset = m__io->read_s8be();
        if (_root()->version() >= 5) {
            m_log_start_offset = m__io->read_s8be();
        }
        m_num_aborted_transactions = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), true, m__io));
        if (num_aborted_transactions()->value() >= 0) {
            m_aborted_transactions = kaitai::ref<kaitai::vec<kaitai::ref<aborted_transaction_t>>>(new kaitai::vec<kaitai::ref<aborted_transaction_t>>());
            const int l_aborted_transactions = num_aborted_transactions()->value();
            for (int i = 0; i < l_aborted_transactions; i++) {
                m_aborted_transactions->push_back(std::move(kaitai::ref<aborted_transaction_t>(new aborted_transaction_t(m__io, this, m__root))));
            }
        }
        if (_root()->version() >= 11) {
            m_preferred_read_replica = m__io->read_s4be();
        }
        m_records = kaitai::ref<kafka_types_t::binary_t>(new kafka_types_t::binary_t(_root()->flexible(), true, m__io));
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    fetch_response_t::partition_t::~partition_t() {
        _clean_up();
    }

    void fetch_response_t::partition_t::_clean_up() {}

    fetch_response_t::topic_t::topic_t(kaitai::kstream* p__io, fetch_response_t* p__parent, fetch_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_topic = nullptr;
        m_num_partitions = nullptr;
        m_partitions = nullptr;
        m_tags = nullptr;
        _read();
    }

    void fetch_response_t::topic_t::_read() {
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

    fetch_response_t::topic_t::~topic_t() {
        _clean_up();
    }

    void fetch_response_t::topic_t::_clean_up() {}

    bool fetch_response_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 12;
        return m_flexible;
    }
}
