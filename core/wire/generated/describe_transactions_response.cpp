// Generated from core/wire/ksy/describe_transactions_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/describe_transactions_response.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    describe_transactions_response_t::describe_transactions_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, describe_transactions_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_transaction_states = nullptr;
        m_transaction_states = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void describe_transactions_response_t::_read() {
        m_throttle_time_ms = m__io->read_s4be();
        m_num_transaction_states = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_transaction_states = kaitai::ref<kaitai::vec<kaitai::ref<transaction_t>>>(new kaitai::vec<kaitai::ref<transaction_t>>());
        const int l_transaction_states = num_transaction_states()->value();
        for (int i = 0; i < l_transaction_states; i++) {
            m_transaction_states->push_back(std::move(kaitai::ref<transaction_t>(new transaction_t(m__io, this, m__root))));
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

    describe_transactions_response_t::~describe_transactions_response_t() {
        _clean_up();
    }

    void describe_transactions_response_t::_clean_up() {}

    describe_transactions_response_t::topic_t::topic_t(kaitai::kstream* p__io, describe_transactions_response_t::transaction_t* p__parent, describe_transactions_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_topic = nullptr;
        m_num_partitions = nullptr;
        m_partitions = nullptr;
        m_tags = nullptr;
        _read();
    }

    void describe_transactions_response_t::topic_t::_read() {
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

    describe_transactions_response_t::topic_t::~topic_t() {
        _clean_up();
    }

    void describe_transactions_response_t::topic_t::_clean_up() {}

    describe_transactions_response_t::transaction_t::transaction_t(kaitai::kstream* p__io, describe_transactions_response_t* p__parent, describe_transactions_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_transactional_id = nullptr;
        m_transaction_state = nullptr;
        m_num_topics = nullptr;
        m_topics = nullptr;
        m_tags = nullptr;
        _read();
    }

    void describe_transactions_response_t::transaction_t::_read() {
        m_error = m__io->read_s2be();
        m_transactional_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_transaction_state = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_transaction_timeout_ms = m__io->read_s4be();
        m_transaction_start_time_ms = m__io->read_s8be();
        m_producer_id = m__io->read_s8be();
        m_producer_epoch = m__io->read_s2be();
        m_num_topics = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_topics = kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>>(new kaitai::vec<kaitai::ref<topic_t>>());
        const int l_topics = num_topics()->value();
        for (int i = 0; i < l_topics; i++) {
            m_topics->push_back(std::move(kaitai::ref<topic_t>(new topic_t(m__io, this, m__root))));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    describe_transactions_response_t::transaction_t::~transaction_t() {
        _clean_up();
    }

    void describe_transactions_response_t::transaction_t::_clean_up() {}

    bool describe_transactions_response_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 0;
        return m_flexible;
    }
}
