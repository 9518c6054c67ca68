// Generated from core/wire/ksy/describe_transactions_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/describe_transactions_request.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    describe_transactions_request_t::describe_transactions_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, describe_transactions_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_transactional_ids = nullptr;
        m_transactional_ids = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void describe_transactions_request_t::_read() {
        m_num_transactional_ids = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_transactional_ids = kaitai::ref<kaitai::vec<kaitai::ref<kafka_types_t::text_t>>>(new kaitai::vec<kaitai::ref<kafka_types_t::text_t>>());
        const int l_transactional_ids = num_transactional_ids()->value();
        for (int i = 0; i < l_transactional_ids; i++) {
            m_transactional_ids->push_back(std::move(kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io))));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
        m_end = m__io->read_bytes(0);
        {
            kaitai::bytes_view _ = m_end;
            if (!(_io()->is_eof())) {
                throw kaitai::validation_expr_error<kaitai::bytes_view>(m_end, m__io, kaitai::bytes_view("/seq/3"));
            }
        }
    }

    describe_transactions_request_t::~describe_transactions_request_t() {
        _clean_up();
    }

    void describe_transactions_request_t::_clean_up() {}

    bool describe_transactions_request_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 0;
        return m_flexible;
    }
}
