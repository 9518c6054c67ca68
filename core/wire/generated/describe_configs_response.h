#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/describe_configs_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Settings with their sources.
     */

    class describe_configs_response_t : public kaitai::kstruct {

    public:
        class config_t;
        class resource_t;
        class synonym_t;

        describe_configs_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, describe_configs_response_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~describe_configs_response_t();

        class config_t : public kaitai::kstruct {

        public:

            config_t(kaitai::kstream* p__io, describe_configs_response_t::resource_t* p__parent = nullptr, describe_configs_response_t* p__root = nullptr);

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
            kaitai::ref<kafka_types_t::count_t> m_num_synonyms;
            kaitai::ref<kaitai::vec<kaitai::ref<synonym_t>>> m_synonyms;
            int8_t m_config_type = 0;

        private:
            kaitai::ref<kafka_types_t::text_t> m_documentation;

        private:
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            describe_configs_response_t* m__root;
            describe_configs_response_t::resource_t* m__parent;

        public:
            kafka_types_t::text_t* name() const { return m_name.get(); }
            kafka_types_t::text_t* value() const { return m_value.get(); }
            int8_t read_only_byte() const { return m_read_only_byte; }
            int8_t config_source() const { return m_config_source; }
            int8_t is_sensitive_byte() const { return m_is_sensitive_byte; }
            kafka_types_t::count_t* num_synonyms() const { return m_num_synonyms.get(); }
            kaitai::vec<kaitai::ref<synonym_t>>* synonyms() const { return m_synonyms.get(); }
            int8_t config_type() const { return m_config_type; }
            kafka_types_t::text_t* documentation() const { return m_documentation.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            describe_configs_response_t* _root() const { return m__root; }
            describe_configs_response_t::resource_t* _parent() const { return m__parent; }
        };

        class resource_t : public kaitai::kstruct {

        public:

            resource_t(kaitai::kstream* p__io, describe_configs_response_t* p__parent = nullptr, describe_configs_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~resource_t();

        private:
            int16_t m_error = 0;
            kaitai::ref<kafka_types_t::text_t> m_error_message;
            int8_t m_resource_type = 0;
            kaitai::ref<kafka_types_t::text_t> m_resource_name;
            kaitai::ref<kafka_types_t::count_t> m_num_configs;
            kaitai::ref<kaitai::vec<kaitai::ref<config_t>>> m_configs;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            describe_configs_response_t* m__root;
            describe_configs_response_t* m__parent;

        public:
            int16_t error() const { return m_error; }
            kafka_types_t::text_t* error_message() const { return m_error_message.get(); }
            int8_t resource_type() const { return m_resource_type; }
            kafka_types_t::text_t* resource_name() const { return m_resource_name.get(); }
            kafka_types_t::count_t* num_configs() const { return m_num_configs.get(); }
            kaitai::vec<kaitai::ref<config_t>>* configs() const { return m_configs.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            describe_configs_response_t* _root() const { return m__root; }
            describe_configs_response_t* _parent() const { return m__parent; }
        };

        class synonym_t : public kaitai::kstruct {

        public:

            synonym_t(kaitai::kstream* p__io, describe_configs_response_t::config_t* p__parent = nullptr, describe_configs_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~synonym_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_name;
            kaitai::ref<kafka_types_t::text_t> m_value;
            int8_t m_source = 0;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            describe_configs_response_t* m__root;
            describe_configs_response_t::config_t* m__parent;

        public:
            kafka_types_t::text_t* name() const { return m_name.get(); }
            kafka_types_t::text_t* value() const { return m_value.get(); }
            int8_t source() const { return m_source; }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            describe_configs_response_t* _root() const { return m__root; }
            describe_configs_response_t::config_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        int32_t m_throttle_time_ms = 0;
        kaitai::ref<kafka_types_t::count_t> m_num_results;
        kaitai::ref<kaitai::vec<kaitai::ref<resource_t>>> m_results;
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        describe_configs_response_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int32_t throttle_time_ms() const { return m_throttle_time_ms; }
        kafka_types_t::count_t* num_results() const { return m_num_results.get(); }
        kaitai::vec<kaitai::ref<resource_t>>* results() const { return m_results.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        describe_configs_response_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
