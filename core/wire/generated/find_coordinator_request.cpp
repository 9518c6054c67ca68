// Generated from core/wire/ksy/find_coordinator_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/find_coordinator_request.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    find_coordinator_request_t::find_coordinator_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, find_coordinator_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_key = nullptr;
        m_num_coordinator_keys = nullptr;
        m_coordinator_keys = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void find_coordinator_request_t::_read() {
        if (_root()->version() <= 3) {
            m_key = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        }
        if (_root()->version() >= 1) {
            m_key_type = m__io->read_s1();
        }
        if (_root()->version() >= 4) {
            m_num_coordinator_keys = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        }
        if (_root()->version() >= 4) {
            m_coordinator_keys = kaitai::ref<kaitai::vec<kaitai::ref<kafka_types_t::text_t>>>(new kaitai::vec<kaitai::ref<kafka_types_t::text_t>>());
            const int l_coordinator_keys = num_coordinator_keys()->value();
            for (int i = 0; i < l_coordinator_keys; i++) {
                m_coordinator_keys->push_back(std::move(kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io))));
            }
        }
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

    find_coordinator_request_t::~find_coordinator_request_t() {
        _clean_up();
    }

    void find_coordinator_request_t::_clean_up() {}

    bool find_coordinator_request_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 3;
        return m_flexible;
    }
}
