#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/create_topics_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Topics to create.
     */

    class create_topics_request_t : public kaitai::kstruct {

    public:
        class assignment_t;
        class config_t;
        class topic_t;

        create_topics_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, create_topics_request_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~create_topics_request_t();

        class assignment_t : public kaitai::kstruct {

        public:

            assignment_t(kaitai::kstream* p__io, create_topics_request_t::topic_t* p__parent = nullptr, create_topics_request_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~assignment_t();

        private:
            int32_t m_partition_index = 0;
            kaitai::ref<kafka_types_t::count_t> m_num_broker_ids;
            kaitai::ref<kaitai::vec<int32_t>> m_broker_ids;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            create_topics_request_t* m__root;
            create_topics_request_t::topic_t* m__parent;

        public:
            int32_t partition_index() const { return m_partition_index; }
            kafka_types_t::count_t* num_broker_ids() const { return m_num_broker_ids.get(); }
            kaitai::vec<int32_t>* broker_ids() const { return m_broker_ids.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            create_topics_request_t* _root() const { return m__root; }
            create_topics_request_t::topic_t* _parent() const { return m__parent; }
        };

        class config_t : public kaitai::kstruct {

        public:

            config_t(kaitai::kstream* p__io, create_topics_request_t::topic_t* p__parent = nullptr, create_topics_request_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~config_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_name;
            kaitai::ref<kafka_types_t::text_t> m_value;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            create_topics_request_t* m__root;
            create_topics_request_t::topic_t* m__parent;

        public:
            kafka_types_t::text_t* name() const { return m_name.get(); }
            kafka_types_t::text_t* value() const { return m_value.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            create_topics_request_t* _root() const { return m__root; }
            create_topics_request_t::topic_t* _parent() const { return m__parent; }
        };

        class topic_t : public kaitai::kstruct {

        public:

            topic_t(kaitai::kstream* p__io, create_topics_request_t* p__parent = nullptr, create_topics_request_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~topic_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_name;
            int32_t m_num_partitions = 0;
            int16_t m_replication_factor = 0;
            kaitai::ref<kafka_types_t::count_t> m_num_assignments;
            kaitai::ref<kaitai::vec<kaitai::ref<assignment_t>>> m_assignments;
            kaitai::ref<kafka_types_t::count_t> m_num_configs;
            kaitai::ref<kaitai::vec<kaitai::ref<config_t>>> m_configs;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            create_topics_request_t* m__root;
            create_topics_request_t* m__parent;

        public:
            kafka_types_t::text_t* name() const { return m_name.get(); }
            int32_t num_partitions() const { return m_num_partitions; }
            int16_t replication_factor() const { return m_replication_factor; }
            kafka_types_t::count_t* num_assignments() const { return m_num_assignments.get(); }
            kaitai::vec<kaitai::ref<assignment_t>>* assignments() const { return m_assignments.get(); }
            kafka_types_t::count_t* num_configs() const { return m_num_configs.get(); }
            kaitai::vec<kaitai::ref<config_t>>* configs() const { return m_configs.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            create_topics_request_t* _root() const { return m__root; }
            create_topics_request_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        bool f_validate_only = false;
        bool m_validate_only = false;

    public:
        bool validate_only();

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_topics;
        kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>> m_topics;
        int32_t m_timeout_ms = 0;
        int8_t m_validate_only_byte = 0;
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        create_topics_request_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        kafka_types_t::count_t* num_topics() const { return m_num_topics.get(); }
        kaitai::vec<kaitai::ref<topic_t>>* topics() const { return m_topics.get(); }
        int32_t timeout_ms() const { return m_timeout_ms; }
        int8_t validate_only_byte() const { return m_validate_only_byte; }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        create_topics_request_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
