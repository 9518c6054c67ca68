// Generated from core/wire/ksy/add_offsets_to_txn_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/add_offsets_to_txn_request.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    add_offsets_to_txn_request_t::add_offsets_to_txn_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, add_offsets_to_txn_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_transactional_id = nullptr;
        m_group_id = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void add_offsets_to_txn_request_t::_read() {
        m_transactional_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_producer_id = m__io->read_s8be();
        m_producer_epoch = m__io->read_s2be();
        m_group_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
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

    add_offsets_to_txn_request_t::~add_offsets_to_txn_request_t() {
        _clean_up();
    }

    void add_offsets_to_txn_request_t::_clean_up() {}

    bool add_offsets_to_txn_request_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 3;
        return m_flexible;
    }
}
