// Generated from core/wire/ksy/describe_cluster_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/describe_cluster_response.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    describe_cluster_response_t::describe_cluster_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, describe_cluster_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_error_message = nullptr;
        m_cluster_id = nullptr;
        m_num_brokers = nullptr;
        m_brokers = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void describe_cluster_response_t::_read() {
        m_throttle_time_ms = m__io->read_s4be();
        m_error = m__io->read_s2be();
        m_error_message = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        if (_root()->version() >= 1) {
            m_endpoint_type = m__io->read_s1();
        }
        m_cluster_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_controller_id = m__io->read_s4be();
        m_num_brokers = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_brokers = kaitai::ref<kaitai::vec<kaitai::ref<broker_t>>>(new kaitai::vec<kaitai::ref<broker_t>>());
        const int l_brokers = num_brokers()->value();
        for (int i = 0; i < l_brokers; i++) {
            m_brokers->push_back(std::move(kaitai::ref<broker_t>(new broker_t(m__io, this, m__root))));
        }
        m_cluster_authorized_operations = m__io->read_s4be();
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
        m_end = m__io->read_bytes(0);
        {
            kaitai::bytes_view _ = m_end;
            if (!(_io()->is_eof())) {
                throw kaitai::validation_expr_error<kaitai::bytes_view>(m_end, m__io, kaitai::bytes_view("/seq/10"));
            }
        }
    }

    describe_cluster_response_t::~describe_cluster_response_t() {
        _clean_up();
    }

    void describe_cluster_response_t::_clean_up() {}

    describe_cluster_response_t::broker_t::broker_t(kaitai::kstream* p__io, describe_cluster_response_t* p__parent, describe_cluster_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_host = nullptr;
        m_rack = nullptr;
        m_tags = nullptr;
        _read();
    }

    void describe_cluster_response_t::broker_t::_read() {
        m_broker_id = m__io->read_s4be();
        m_host = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_port = m__io->read_s4be();
        m_rack = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    describe_cluster_response_t::broker_t::~broker_t() {
        _clean_up();
    }

    void describe_cluster_response_t::broker_t::_clean_up() {}

    bool describe_cluster_response_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 0;
        return m_flexible;
    }
}
