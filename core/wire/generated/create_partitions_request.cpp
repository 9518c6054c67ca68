// Generated from core/wire/ksy/create_partitions_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/create_partitions_request.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    create_partitions_request_t::create_partitions_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, create_partitions_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_num_topics = nullptr;
        m_topics = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        f_validate_only = false;
        _read();
    }

    void create_partitions_request_t::_read() {
        m_num_topics = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_topics = kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>>(new kaitai::vec<kaitai::ref<topic_t>>());
        const int l_topics = num_topics()->value();
        for (int i = 0; i < l_topics; i++) {
            m_topics->push_back(std::move(kaitai::ref<topic_t>(new topic_t(m__io, this, m__root))));
        }
        m_timeout_ms = m__io->read_s4be();
        m_validate_only_byte = m__io->read_s1();
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

    create_partitions_request_t::~create_partitions_request_t() {
        _clean_up();
    }

    void create_partitions_request_t::_clean_up() {}

    create_partitions_request_t::assignment_t::assignment_t(kaitai::kstream* p__io, create_partitions_request_t::topic_t* p__parent, create_partitions_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_num_broker_ids = nullptr;
        m_broker_ids = nullptr;
        m_tags = nullptr;
        _read();
    }

    void create_partitions_request_t::assignment_t::_read() {
        m_num_broker_ids = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_broker_ids = kaitai::ref<kaitai::vec<int32_t>>(new kaitai::vec<int32_t>());
        const int l_broker_ids = num_broker_ids()->value();
        for (int i = 0; i < l_broker_ids; i++) {
            m_broker_ids->push_back(std::move(m__io->read_s4be()));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    create_partitions_request_t::assignment_t::~assignment_t() {
        _clean_up();
    }

    void create_partitions_request_t::assignment_t::_clean_up() {}

    create_partitions_request_t::topic_t::topic_t(kaitai::kstream* p__io, create_partitions_request_t* p__parent, create_partitions_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_name = nullptr;
        m_num_assignments = nullptr;
        m_assignments = nullptr;
        m_tags = nullptr;
        _read();
    }

    void create_partitions_request_t::topic_t::_read() {
        m_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_count = m__io->read_s4be();
        m_num_assignments = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), true, m__io));
        if (num_assignments()->value() >= 0) {
            m_assignments = kaitai::ref<kaitai::vec<kaitai::ref<assignment_t>>>(new kaitai::vec<kaitai::ref<assignment_t>>());
            const int l_assignments = num_assignments()->value();
            for (int i = 0; i < l_assignments; i++) {
                m_assignments->push_back(std::move(kaitai::ref<assignment_t>(new assignment_t(m__io, this, m__root))));
            }
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    create_partitions_request_t::topic_t::~topic_t() {
        _clean_up();
    }

    void create_partitions_request_t::topic_t::_clean_up() {}

    bool create_partitions_request_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 2;
        return m_flexible;
    }

    bool create_partitions_request_t::validate_only() {
        if (f_validate_only)
            return m_validate_only;
        f_validate_only = true;
        m_validate_only = validate_only_byte() != 0;
        return m_validate_only;
    }
}
