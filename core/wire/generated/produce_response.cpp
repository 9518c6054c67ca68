// Generated from core/wire/ksy/produce_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/produce_response.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    produce_response_t::produce_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, produce_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_responses = nullptr;
        m_responses = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void produce_response_t::_read() {
        m_num_responses = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_responses = kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>>(new kaitai::vec<kaitai::ref<topic_t>>());
        const int l_responses = num_responses()->value();
        for (int i = 0; i < l_responses; i++) {
            m_responses->push_back(std::move(kaitai::ref<topic_t>(new topic_t(m__io, this, m__root))));
        }
        if (_root()->version() >= 1) {
            m_throttle_time_ms = m__io->read_s4be();
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

    produce_response_t::~produce_response_t() {
        _clean_up();
    }

    void produce_response_t::_clean_up() {}

    produce_response_t::partition_t::partition_t(kaitai::kstream* p__io, produce_response_t::topic_t* p__parent, produce_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_num_record_errors = nullptr;
        m_record_errors = nullptr;
        m_error_message = nullptr;
        m_tags = nullptr;
        _read();
    }

    void produce_response_t::partition_t::_read() {
        m_index = m__io->read_s4be();
        m_error = m__io->read_s2be();
        m_base_offset = m__io->read_s8be();
        if (_root()->version() >= 2) {
            m_log_append_time_ms = m__io->read_s8be();
        }
        if (_root()->version() >= 5) {
            m_log_start_offset = m__io->read_s8be();
        }
        if (_root()->version() >= 8) {
            m_num_record_errors = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        }
        if (_root()->version() >= 8) {
            m_record_errors = kaitai::ref<kaitai::vec<kaitai::ref<record_error_t>>>(new kaitai::vec<kaitai::ref<record_error_t>>());
            const int l_record_errors = num_record_errors()->value();
            for (int i = 0; i < l_record_errors; i++) {
                m_record_errors->push_back(std::move(kaitai::ref<record_error_t>(new record_error_t(m__io, this, m__root))));
            }
        }
        if (_root()->version() >= 8) {
            m_error_message = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    produce_response_t::partition_t::~partition_t() {
        _clean_up();
    }

    void produce_response_t::partition_t::_clean_up() {}

    produce_response_t::record_error_t::record_error_t(kaitai::kstream* p__io, produce_response_t::partition_t* p__parent, produce_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_batch_index_error_message = nullptr;
        m_tags = nullptr;
        _read();
    }

    void produce_response_t::record_error_t::_read() {
        m_batch_index = m__io->read_s4be();
        m_batch_index_error_message = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    produce_response_t::record_error_t::~record_error_t() {
        _clean_up();
    }

    void produce_response_t::record_error_t::_clean_up() {}

    produce_response_t::topic_t::topic_t(kaitai::kstream* p__io, produce_response_t* p__parent, produce_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_name = nullptr;
        m_num_partition_responses = nullptr;
        m_partition_responses = nullptr;
        m_tags = nullptr;
        _read();
    }

    void produce_response_t::topic_t::_read() {
        m_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_num_partition_responses = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_partition_responses = kaitai::ref<kaitai::vec<kaitai::ref<partition_t>>>(new kaitai::vec<kaitai::ref<partition_t>>());
        const int l_partition_responses = num_partition_responses()->value();
        for (int i = 0; i < l_partition_responses; i++) {
            m_partition_responses->push_back(std::move(kaitai::ref<partition_t>(new partition_t(m__io, this, m__root))));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    produce_response_t::topic_t::~topic_t() {
        _clean_up();
    }

    void produce_response_t::topic_t::_clean_up() {}

    bool produce_response_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 9;
        return m_flexible;
    }
}
