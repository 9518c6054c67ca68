// Generated from core/wire/ksy/offset_for_leader_epoch_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/offset_for_leader_epoch_response.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    offset_for_leader_epoch_response_t::offset_for_leader_epoch_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, offset_for_leader_epoch_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_topics = nullptr;
        m_topics = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        _read();
    }

    void offset_for_leader_epoch_response_t::_read() {
        m_throttle_time_ms = m__io->read_s4be();
        m_num_topics = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_topics = kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>>(new kaitai::vec<kaitai::ref<topic_t>>());
        const int l_topics = num_topics()->value();
        for (int i = 0; i < l_topics; i++) {
            m_topics->push_back(std::move(kaitai::ref<topic_t>(new topic_t(m__io, this, m__root))));
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

    offset_for_leader_epoch_response_t::~offset_for_leader_epoch_response_t() {
        _clean_up();
    }

    void offset_for_leader_epoch_response_t::_clean_up() {}

    offset_for_leader_epoch_response_t::partition_t::partition_t(kaitai::kstream* p__io, offset_for_leader_epoch_response_t::topic_t* p__parent, offset_for_leader_epoch_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_tags = nullptr;
        _read();
    }

    void offset_for_leader_epoch_response_t::partition_t::_read() {
        m_error = m__io->read_s2be();
        m_partition = m__io->read_s4be();
        m_leader_epoch = m__io->read_s4be();
        m_end_offset = m__io->read_s8be();
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    offset_for_leader_epoch_response_t::partition_t::~partition_t() {
        _clean_up();
    }

    void offset_for_leader_epoch_response_t::partition_t::_clean_up() {}

    offset_for_leader_epoch_response_t::topic_t::topic_t(kaitai::kstream* p__io, offset_for_leader_epoch_response_t* p__parent, offset_for_leader_epoch_response_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_topic = nullptr;
        m_num_partitions = nullptr;
        m_partitions = nullptr;
        m_tags = nullptr;
        _read();
    }

    void offset_for_leader_epoch_response_t::topic_t::_read() {
        m_topic = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
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

    offset_for_leader_epoch_response_t::topic_t::~topic_t() {
        _clean_up();
    }

    void offset_for_leader_epoch_response_t::topic_t::_clean_up() {}

    bool offset_for_leader_epoch_response_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 4;
        return m_flexible;
    }
}
