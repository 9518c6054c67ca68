// Generated from core/wire/ksy/find_coordinator_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/find_coordinator_response.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    find_coordinator_response_t::find_coordinator_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, find_coordinator_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_error_message = nullptr;
        m_host = nullptr;
        m_num_coordinators = nullptr;
        m_coordinators = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void find_coordinator_response_t::_read() {
        if (_root()->version() >= 1) {
            m_throttle_time_ms = m__io->read_s4be();
        }
        if (_root()->version() <= 3) {
            m_error = m__io->read_s2be();
        }
        if ( ((_root()->version() >= 1) && (_root()->version() <= 3)) ) {
            m_error_message = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        }
        if (_root()->version() <= 3) {
            m_node_id = m__io->read_s4be();
        }
        if (_root()->version() <= 3) {
            m_host = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        }
        if (_root()->version() <= 3) {
            m_port = m__io->read_s4be();
        }
        if (_root()->version() >= 4) {
            m_num_coordinators = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        }
        if (_root()->version() >= 4) {
            m_coordinators = kaitai::ref<kaitai::vec<kaitai::ref<coordinator_t>>>(new kaitai::vec<kaitai::ref<coordinator_t>>());
            const int l_coordinators = num_coordinators()->value();
            for (int i = 0; i < l_coordinators; i++) {
                m_coordinators->push_back(std::move(kaitai::ref<coordinator_t>(new coordinator_t(m__io, this, m__root))));
            }
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

    find_coordinator_response_t::~find_coordinator_response_t() {
        _clean_up();
    }

    void find_coordinator_response_t::_clean_up() {}

    find_coordinator_response_t::coordinator_t::coordinator_t(kaitai::kstream* p__io, find_coordinator_response_t* p__parent, find_coordinator_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_key = nullptr;
        m_host = nullptr;
        m_error_message = nullptr;
        m_tags = nullptr;
        _read();
    }

    void find_coordinator_response_t::coordinator_t::_read() {
        m_key = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_node_id = m__io->read_s4be();
        m_host = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_port = m__io->read_s4be();
        m_error = m__io->read_s2be();
        m_error_message = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    find_coordinator_response_t::coordinator_t::~coordinator_t() {
        _clean_up();
    }

    void find_coordinator_response_t::coordinator_t::_clean_up() {}

    bool find_coordinator_response_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 3;
        return m_flexible;
    }
}
