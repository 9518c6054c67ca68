// Generated from core/wire/ksy/list_transactions_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/list_transactions_response.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    list_transactions_response_t::list_transactions_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, list_transactions_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_unknown_state_filters = nullptr;
        m_unknown_state_filters = nullptr;
        m_num_transaction_states = nullptr;
        m_transaction_states = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void list_transactions_response_t::_read() {
        m_throttle_time_ms = m__io->read_s4be();
        m_error = m__io->read_s2be();
        m_num_unknown_state_filters = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_unknown_state_filters = kaitai::ref<kaitai::vec<kaitai::ref<kafka_types_t::text_t>>>(new kaitai::vec<kaitai::ref<kafka_types_t::text_t>>());
        const int l_unknown_state_filters = num_unknown_state_filters()->value();
        for (int i = 0; i < l_unknown_state_filters; i++) {
            m_unknown_state_filters->push_back(std::move(kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io))));
        }
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
                throw kaitai::validation_expr_error<kaitai::bytes_view>(m_end, m__io, kaitai::bytes_view("/seq/7"));
            }
        }
    }

    list_transactions_response_t::~list_transactions_response_t() {
        _clean_up();
    }

    void list_transactions_response_t::_clean_up() {}

    list_transactions_response_t::transaction_t::transaction_t(kaitai::kstream* p__io, list_transactions_response_t* p__parent, list_transactions_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_transactional_id = nullptr;
        m_transaction_state = nullptr;
        m_tags = nullptr;
        _read();
    }

    void list_transactions_response_t::transaction_t::_read() {
        m_transactional_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_producer_id = m__io->read_s8be();
        m_transaction_state = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    list_transactions_response_t::transaction_t::~transaction_t() {
        _clean_up();
    }

    void list_transactions_response_t::transaction_t::_clean_up() {}

    bool list_transactions_response_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 0;
        return m_flexible;
    }
}
