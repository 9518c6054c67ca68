// Generated from core/wire/ksy/produce_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/produce_request.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    produce_request_t::produce_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, produce_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_transactional_id = nullptr;
        m_num_topic_data = nullptr;
        m_topic_data = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void produce_request_t::_read() {
        if (_root()->version() >= 3) {
            m_transactional_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        }
        m_acks = m__io->read_s2be();
        m_timeout_ms = m__io->read_s4be();
        m_num_topic_data = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_topic_data = kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>>(new kaitai::vec<kaitai::ref<topic_t>>());
        const int l_topic_data = num_topic_data()->value();
        for (int i = 0; i < l_topic_data; i++) {
            m_topic_data->push_back(std::move(kaitai::ref<topic_t>(new topic_t(m__io, this, m__root))));
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

    produce_request_t::~produce_request_t() {
        _clean_up();
    }

    void produce_request_t::_clean_up() {}

    produce_request_t::partition_t::partition_t(kaitai::kstream* p__io, produce_request_t::topic_t* p__parent, produce_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_records = nullptr;
        m_tags = nullptr;
        _read();
    }

    void produce_request_t::partition_t::_read() {
        m_index = m__io->read_s4be();
        m_records = kaitai::ref<kafka_types_t::binary_t>(new kafka_types_t::binary_t(_root()->flexible(), true, m__io));
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    produce_request_t::partition_t::~partition_t() {
        _clean_up();
    }

    void produce_request_t::partition_t::_clean_up() {}

    produce_request_t::topic_t::topic_t(kaitai::kstream* p__io, produce_request_t* p__parent, produce_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_name = nullptr;
        m_num_partition_data = nullptr;
        m_partition_data = nullptr;
        m_tags = nullptr;
        _read();
    }

    void produce_request_t::topic_t::_read() {
        m_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_num_partition_data = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_partition_data = kaitai::ref<kaitai::vec<kaitai::ref<partition_t>>>(new kaitai::vec<kaitai::ref<partition_t>>());
        const int l_partition_data = num_partition_data()->value();
        for (int i = 0; i < l_partition_data; i++) {
            m_partition_data->push_back(std::move(kaitai::ref<partition_t>(new partition_t(m__io, this, m__root))));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    produce_request_t::topic_t::~topic_t() {
        _clean_up();
    }

    void produce_request_t::topic_t::_clean_up() {}

    bool produce_request_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 9;
        return m_flexible;
    }
}
