#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/describe_configs_request.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Resources whose settings are looked for.
     */

    class describe_configs_request_t : public kaitai::kstruct {

    public:
        class resource_t;

        describe_configs_request_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, describe_configs_request_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~describe_configs_request_t();

        class resource_t : public kaitai::kstruct {

        public:

            resource_t(kaitai::kstream* p__io, describe_configs_request_t* p__parent = nullptr, describe_configs_request_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~resource_t();

        private:
            int8_t m_resource_type = 0;
            kaitai::ref<kafka_types_t::text_t> m_resource_name;
            kaitai::ref<kafka_types_t::count_t> m_num_configuration_keys;
            kaitai::ref<kaitai::vec<kaitai::ref<kafka_types_t::text_t>>> m_configuration_keys;

        private:
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            describe_configs_request_t* m__root;
            describe_configs_request_t* m__parent;

        public:
            int8_t resource_type() const { return m_resource_type; }
            kafka_types_t::text_t* resource_name() const { return m_resource_name.get(); }
            kafka_types_t::count_t* num_configuration_keys() const { return m_num_configuration_keys.get(); }
            kaitai::vec<kaitai::ref<kafka_types_t::text_t>>* configuration_keys() const { return m_configuration_keys.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            describe_configs_request_t* _root() const { return m__root; }
            describe_configs_request_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        bool f_include_documentation = false;
        bool m_include_documentation = false;

    public:
        bool include_documentation();

    private:
        bool f_include_synonyms = false;
        bool m_include_synonyms = false;

    public:
        bool include_synonyms();

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_resources;
        kaitai::ref<kaitai::vec<kaitai::ref<resource_t>>> m_resources;
        int8_t m_include_synonyms_byte = 0;
        int8_t m_include_documentation_byte = 0;

    private:
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        describe_configs_request_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        kafka_types_t::count_t* num_resources() const { return m_num_resources.get(); }
        kaitai::vec<kaitai::ref<resource_t>>* resources() const { return m_resources.get(); }
        int8_t include_synonyms_byte() const { return m_include_synonyms_byte; }
        int8_t include_documentation_byte() const { return m_include_documentation_byte; }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        describe_configs_request_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
