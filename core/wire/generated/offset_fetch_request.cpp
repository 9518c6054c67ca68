// Generated from core/wire/ksy/offset_fetch_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/generated/offset_fetch_request.h"
#include "core/wire/kaitai/exceptions.h"
namespace millrace::wire {

    offset_fetch_request_t::offset_fetch_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent, offset_fetch_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root ? p__root : this;
        m_version = p_version;
        m_group_id = nullptr;
        m_num_topics = nullptr;
        m_topics = nullptr;
        m_num_groups = nullptr;
        m_groups = nullptr;
        m_tags = nullptr;
        f_flexible = false;
        f_require_stable = false;
        _read();
    }

    void offset_fetch_request_t::_read() {
        if (_root()->version() <= 7) {
            m_group_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        }
        if (_root()->version() <= 7) {
            m_num_topics = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), _root()->version() >= 2, m__io));
        }
        if ( ((_root()->version() <= 7) && (num_topics()->value() >= 0)) ) {
            m_topics = kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>>(new kaitai::vec<kaitai::ref<topic_t>>());
            const int l_topics = num_topics()->value();
            for (int i = 0; i < l_topics; i++) {
                m_topics->push_back(std::move(kaitai::ref<topic_t>(new topic_t(m__io, this, m__root))));
            }
        }
        if (_root()->version() >= 8) {
            m_num_groups = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        }
        if (_root()->version() >= 8) {
            m_groups = kaitai::ref<kaitai::vec<kaitai::ref<group_t>>>(new kaitai::vec<kaitai::ref<group_t>>());
            const int l_groups = num_groups()->value();
            for (int i = 0; i < l_groups; i++) {
                m_groups->push_back(std::move(kaitai::ref<group_t>(new group_t(m__io, this, m__root))));
            }
        }
        if (_root()->version() >= 7) {
            m_require_stable_byte = m__io->read_s1();
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
        m_end = m__io->read_bytes(0);
        {
            kaitai::bytes_view _ = m_end;
            if (!(_io()->is_eof())) {
                throw kaitai::validation_expr_error<kaitai::bytes_view>(m_end, m__io, kaitai::bytes_view("/seq/7"));
            }
        }
    }

    offset_fetch_request_t::~offset_fetch_request_t() {
        _clean_up();
    }

    void offset_fetch_request_t::_clean_up() {}

    offset_fetch_request_t::group_t::group_t(kaitai::kstream* p__io, offset_fetch_request_t* p__parent, offset_fetch_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_group_id = nullptr;
        m_member_id = nullptr;
        m_num_topics = nullptr;
        m_topics = nullptr;
        m_tags = nullptr;
        _read();
    }

    void offset_fetch_request_t::group_t::_read() {
        m_group_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        if (_root()->version() >= 9) {
            m_member_id = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), true, m__io));
        }
        if (_root()->version() >= 9) {
            m_member_epoch = m__io->read_s4be();
        }
        m_num_topics = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), true, m__io));
        if (num_topics()->value() >= 0) {
            m_topics = kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>>(new kaitai::vec<kaitai::ref<topic_t>>());
            const int l_topics = num_topics()->value();
            for (int i = 0; i < l_topics; i++) {
                m_topics->push_back(std::move(kaitai::ref<topic_t>(new topic_t(m__io, this, m__root))));
            }
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    offset_fetch_request_t::group_t::~group_t() {
        _clean_up();
    }

    void offset_fetch_request_t::group_t::_clean_up() {}

    offset_fetch_request_t::topic_t::topic_t(kaitai::kstream* p__io, kaitai::kstruct* p__parent, offset_fetch_request_t* p__root) : kaitai::kstruct(p__io) {
        m__parent = p__parent;
        m__root = p__root;
        m_name = nullptr;
        m_num_partition_indexes = nullptr;
        m_partition_indexes = nullptr;
        m_tags = nullptr;
        _read();
    }

    void offset_fetch_request_t::topic_t::_read() {
        m_name = kaitai::ref<kafka_types_t::text_t>(new kafka_types_t::text_t(_root()->flexible(), false, m__io));
        m_num_partition_indexes = kaitai::ref<kafka_types_t::count_t>(new kafka_types_t::count_t(_root()->flexible(), false, m__io));
        m_partition_indexes = kaitai::ref<kaitai::vec<int32_t>>(new kaitai::vec<int32_t>());
        const int l_partition_indexes = num_partition_indexes()->value();
        for (int i = 0; i < l_partition_indexes; i++) {
            m_partition_indexes->push_back(std::move(m__io->read_s4be()));
        }
        if (_root()->flexible()) {
            m_tags = kaitai::ref<kafka_types_t::tagged_fields_t>(new kafka_types_t::tagged_fields_t(m__io));
        }
    }

    offset_fetch_request_t::topic_t::~topic_t() {
        _clean_up();
    }

    void offset_fetch_request_t::topic_t::_clean_up() {}

    bool offset_fetch_request_t::flexible() {
        if (f_flexible)
            return m_flexible;
        f_flexible = true;
        m_flexible = version() >= 6;
        return m_flexible;
    }

    bool offset_fetch_request_t::require_stable() {
        if (f_require_stable)
            return m_require_stable;
        f_require_stable = true;
        m_require_stable = require_stable_byte() != 0;
        return m_require_stable;
    }
}
