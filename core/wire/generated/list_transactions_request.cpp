// Generated from core/wire/ksy/list_transactions_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/list_transactions_request.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    list_transactions_request_t::list_transactions_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, list_transactions_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_state_filters = nullptr;
        m_state_filters = nullptr;
        m_num_producer_id_filters = nullptr;
        m_producer_id_filters = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void list_transactions_request_t::_read() {
        m_num_state_filters = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_state_filters = kaitai::ref<kaitai::vec<kaitai::ref<kafka_types_t::text_t>>>(new kaitai::vec<kaitai::ref<kafka_types_t::text_t>>());
        const int l_state_filters = num_state_filters()->value();
        for (int i = 0; i < l_state_filters; i++) {
            m_state_filters->push_back(std::move(kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io))));
        }
        m_num_producer_id_filters = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_producer_id_filters = kaitai::ref<kaitai::vec<int64_t>>(new kaitai::vec<int64_t>());
        const int l_producer_id_filters = num_producer_id_filters()->value();
        for (int i = 0; i < l_producer_id_filters; i++) {
            m_producer_id_filters->push_back(std::move(m__io->read_s8be()));
        }
        if (_root()->version() >= 1) {
            m_duration_filter = m__io->read_s8be();
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

    list_transactions_request_t::~list_transactions_request_t() {
        _clean_up();
    }

    void list_transactions_request_t::_clean_up() {}

    bool list_transactions_request_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 0;
        return m_flexible;
    }
}
