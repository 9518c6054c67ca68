// Generated from core/wire/ksy/describe_log_dirs_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/describe_log_dirs_response.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    describe_log_dirs_response_t::describe_log_dirs_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, describe_log_dirs_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_results = nullptr;
        m_results = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void describe_log_dirs_response_t::_read() {
        m_throttle_time_ms = m__io->read_s4be();
        if (_root()->version() >= 3) {
            m_error = m__io->read_s2be();
        }
        m_num_results = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_results = kaitai::ref<kaitai::vec<kaitai::ref<log_dir_t>>>(new kaitai::vec<kaitai::ref<log_dir_t>>());
        const int l_results = num_results()->value();
        for (int i = 0; i < l_results; i++) {
            m_results->push_back(std::move(kaitai::ref<log_dir_t>(new log_dir_t(m__io, this, m__root))));
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

    describe_log_dirs_response_t::~describe_log_dirs_response_t() {
        _clean_up();
    }

    void describe_log_dirs_response_t::_clean_up() {}

    describe_log_dirs_response_t::log_dir_t::log_dir_t(kaitai::kstream* p__io, describe_log_dirs_response_t* p__parent, describe_log_dirs_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_log_dir = nullptr;
        m_num_topics = nullptr;
        m_topics = nullptr;
        m_tags = nullptr;
        _read();
    }

    void describe_log_dirs_response_t::log_dir_t::_read() {
        m_error = m__io->read_s2be();
        m_log_dir = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_num_topics = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_topics = kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>>(new kaitai::vec<kaitai::ref<topic_t>>());
        const int l_topics = num_topics()->value();
        for (int i = 0; i < l_topics; i++) {
            m_topics->push_back(std::move(kaitai::ref<topic_t>(new topic_t(m__io, this, m__root))));
        }
        if (_root()->version() >= 4) {
            m_total_bytes = m__io->read_s8be();
        }
        if (_root()->version() >= 4) {
            m_usable_bytes = m__io->read_s8be();
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    describe_log_dirs_response_t::log_dir_t::~log_dir_t() {
        _clean_up();
    }

    void describe_log_dirs_response_t::log_dir_t::_clean_up() {}

    describe_log_dirs_response_t::partition_t::partition_t(kaitai::kstream* p__io, describe_log_dirs_response_t::topic_t* p__parent, describe_log_dirs_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_tags = nullptr;
        f_is_future_key = false;
        _read();
    }

    void describe_log_dirs_response_t::partition_t::_read() {
        m_partition_index = m__io->read_s4be();
        m_partition_size = m__io->read_s8be();
        m_offset_lag = m__io->read_s8be();
        m_is_future_key_byte = m__io->read_s1();
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    describe_log_dirs_response_t::partition_t::~partition_t() {
        _clean_up();
    }

    void describe_log_dirs_response_t::partition_t::_clean_up() {}

    bool describe_log_dirs_response_t::partition_t::is_future_key() {
        if (f_is_future_key)
            return m_is_future_key;
        f_is_future_key = true;
        m_is_future_key = is_future_key_byte() != 0;
        return m_is_future_key;
    }

    describe_log_dirs_response_t::topic_t::topic_t(kaitai::kstream* p__io, describe_log_dirs_response_t::log_dir_t* p__parent, describe_log_dirs_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_name = nullptr;
        m_num_partitions = nullptr;
        m_partitions = nullptr;
        m_tags = nullptr;
        _read();
    }

    void describe_log_dirs_response_t::topic_t::_read() {
        m_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_num_partitions = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_partitions = kaitai::ref<kaitai::vec<kaitai::ref<partition_t>>>(new kaitai::vec<kaitai::ref<partition_t>>());
        const int l_partitions = num_partitions()->value();
        for (int i = 0; i < l_partitions; i++) {
            m_partitions->push_back(std::move(kaitai::ref<partition_t>(new partition_t(m__io, this, m__root))));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    describe_log_dirs_response_t::topic_t::~topic_t() {
        _clean_up();
    }

    void describe_log_dirs_response_t::topic_t::_clean_up() {}

    bool describe_log_dirs_response_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 2;
        return m_flexible;
    }
}
