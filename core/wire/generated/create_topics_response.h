#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/create_topics_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * What became of each topic.
     */

    class create_topics_response_t : public kaitai::kstruct {

    public:
        class config_t;
        class topic_t;

        create_topics_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, create_topics_response_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~create_topics_response_t();

        class config_t : public kaitai::kstruct {

        public:

            config_t(kaitai::kstream* p__io, create_topics_response_t::topic_t* p__parent = nullptr, create_topics_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~config_t();

        private:
            bool f_is_sensitive = false;
            bool m_is_sensitive = false;

        public:
            bool is_sensitive();

        private:
            bool f_read_only = false;
            bool m_read_only = false;

        public:
            bool read_only();

        private:
            kaitai::ref<kafka_types_t::text_t> m_name;
            kaitai::ref<kafka_types_t::text_t> m_value;
            int8_t m_read_only_byte = 0;
            int8_t m_config_source = 0;
            int8_t m_is_sensitive_byte = 0;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            create_topics_response_t* m__root;
            create_topics_response_t::topic_t* m__parent;

        public:
            kafka_types_t::text_t* name() const { return m_name.get(); }
            kafka_types_t::text_t* value() const { return m_value.get(); }
            int8_t read_only_byte() const { return m_read_only_byte; }
            int8_t config_source() const { return m_config_source; }
            int8_t is_sensitive_byte() const { return m_is_sensitive_byte; }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            create_topics_response_t* _root() const { return m__root; }
            create_topics_response_t::topic_t* _parent() const { return m__parent; }
        };

        class topic_t : public kaitai::kstruct {

        public:

            topic_t(kaitai::kstream* p__io, create_topics_response_t* p__parent = nullptr, create_topics_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~topic_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_name;
            kaitai::bytes_view m_topic_id;

        private:
            int16_t m_error = 0;
            kaitai::ref<kafka_types_t::text_t> m_error_message;
            int32_t m_num_partitions = -1;

        private:
            int16_t m_replication_factor = -1;

        private:
            kaitai::ref<kafka_types_t::count_t> m_num_configs;

        private:
            kaitai::ref<kaitai::vec<kaitai::ref<config_t>>> m_configs;

        private:
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            create_topics_response_t* m__root;
            create_topics_response_t* m__parent;

        public:
            kafka_types_t::text_t* name() const { return m_name.get(); }
            kaitai::bytes_view topic_id() const { return m_topic_id; }
            int16_t error() const { return m_error; }
            kafka_types_t::text_t* error_message() const { return m_error_message.get(); }
            int32_t num_partitions() const { return m_num_partitions; }
            int16_t replication_factor() const { return m_replication_factor; }
            kafka_types_t::count_t* num_configs() const { return m_num_configs.get(); }
            kaitai::vec<kaitai::ref<config_t>>* configs() const { return m_configs.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            create_topics_response_t* _root() const { return m__root; }
            create_topics_response_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        int32_t m_throttle_time_ms = 0;
        kaitai::ref<kafka_types_t::count_t> m_num_topics;
        kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>> m_topics;
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        create_topics_response_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int32_t throttle_time_ms() const { return m_throttle_time_ms; }
        kafka_types_t::count_t* num_topics() const { return m_num_topics.get(); }
        kaitai::vec<kaitai::ref<topic_t>>* topics() const { return m_topics.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        create_topics_response_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
