#pragma once
#pragma GCC system_header  // no warnings

// Generated from core/wire/ksy/describe_log_dirs_response.ksy by scripts/wire/generate: edit that, not this.

#include "core/wire/kaitai/kaitaistruct.h"
#include <cstdint>
#include "core/wire/kaitai/kafka_types.h"

#if KAITAI_STRUCT_VERSION < 11000L
#error "Incompatible Kaitai Struct C++/STL API: version 0.11 or later is required"
#endif
namespace millrace::wire {

    /**
     * Data directories and what is in them.
     */

    class describe_log_dirs_response_t : public kaitai::kstruct {

    public:
        class log_dir_t;
        class partition_t;
        class topic_t;

        describe_log_dirs_response_t(int16_t p_version, kaitai::kstream* p__io, kaitai::kstruct* p__parent = nullptr, describe_log_dirs_response_t* p__root = nullptr);

    private:
        void _read();
        void _clean_up();

    public:
        ~describe_log_dirs_response_t();

        class log_dir_t : public kaitai::kstruct {

        public:

            log_dir_t(kaitai::kstream* p__io, describe_log_dirs_response_t* p__parent = nullptr, describe_log_dirs_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~log_dir_t();

        private:
            int16_t m_error = 0;
            kaitai::ref<kafka_types_t::text_t> m_log_dir;
            kaitai::ref<kafka_types_t::count_t> m_num_topics;
            kaitai::ref<kaitai::vec<kaitai::ref<topic_t>>> m_topics;
            int64_t m_total_bytes = -1;

        private:
            int64_t m_usable_bytes = -1;

        private:
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            describe_log_dirs_response_t* m__root;
            describe_log_dirs_response_t* m__parent;

        public:
            int16_t error() const { return m_error; }
            kafka_types_t::text_t* log_dir() const { return m_log_dir.get(); }
            kafka_types_t::count_t* num_topics() const { return m_num_topics.get(); }
            kaitai::vec<kaitai::ref<topic_t>>* topics() const { return m_topics.get(); }
            int64_t total_bytes() const { return m_total_bytes; }
            int64_t usable_bytes() const { return m_usable_bytes; }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            describe_log_dirs_response_t* _root() const { return m__root; }
            describe_log_dirs_response_t* _parent() const { return m__parent; }
        };

        class partition_t : public kaitai::kstruct {

        public:

            partition_t(kaitai::kstream* p__io, describe_log_dirs_response_t::topic_t* p__parent = nullptr, describe_log_dirs_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~partition_t();

        private:
            bool f_is_future_key = false;
            bool m_is_future_key = false;

        public:
            bool is_future_key();

        private:
            int32_t m_partition_index = 0;
            int64_t m_partition_size = 0;
            int64_t m_offset_lag = 0;
            int8_t m_is_future_key_byte = 0;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            describe_log_dirs_response_t* m__root;
            describe_log_dirs_response_t::topic_t* m__parent;

        public:
            int32_t partition_index() const { return m_partition_index; }
            int64_t partition_size() const { return m_partition_size; }
            int64_t offset_lag() const { return m_offset_lag; }
            int8_t is_future_key_byte() const { return m_is_future_key_byte; }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            describe_log_dirs_response_t* _root() const { return m__root; }
            describe_log_dirs_response_t::topic_t* _parent() const { return m__parent; }
        };

        class topic_t : public kaitai::kstruct {

        public:

            topic_t(kaitai::kstream* p__io, describe_log_dirs_response_t::log_dir_t* p__parent = nullptr, describe_log_dirs_response_t* p__root = nullptr);

        private:
            void _read();
            void _clean_up();

        public:
            ~topic_t();

        private:
            kaitai::ref<kafka_types_t::text_t> m_name;
            kaitai::ref<kafka_types_t::count_t> m_num_partitions;
            kaitai::ref<kaitai::vec<kaitai::ref<partition_t>>> m_partitions;
            kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

        private:
            describe_log_dirs_response_t* m__root;
            describe_log_dirs_response_t::log_dir_t* m__parent;

        public:
            kafka_types_t::text_t* name() const { return m_name.get(); }
            kafka_types_t::count_t* num_partitions() const { return m_num_partitions.get(); }
            kaitai::vec<kaitai::ref<partition_t>>* partitions() const { return m_partitions.get(); }
            kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
            describe_log_dirs_response_t* _root() const { return m__root; }
            describe_log_dirs_response_t::log_dir_t* _parent() const { return m__parent; }
        };

    private:
        bool f_flexible = false;
        bool m_flexible = false;

    public:
        bool flexible();

    private:
        int32_t m_throttle_time_ms = 0;
        int16_t m_error = 0;

    private:
        kaitai::ref<kafka_types_t::count_t> m_num_results;
        kaitai::ref<kaitai::vec<kaitai::ref<log_dir_t>>> m_results;
        kaitai::ref<kafka_types_t::tagged_fields_t> m_tags;

    private:
        kaitai::bytes_view m_end;
        int16_t m_version = 0;
        describe_log_dirs_response_t* m__root;
        kaitai::kstruct* m__parent;

    public:
        int32_t throttle_time_ms() const { return m_throttle_time_ms; }
        int16_t error() const { return m_error; }
        kafka_types_t::count_t* num_results() const { return m_num_results.get(); }
        kaitai::vec<kaitai::ref<log_dir_t>>* results() const { return m_results.get(); }
        kafka_types_t::tagged_fields_t* tags() const { return m_tags.get(); }
        kaitai::bytes_view end() const { return m_end; }
        int16_t version() const { return m_version; }
        describe_log_dirs_response_t* _root() const { return m__root; }
        kaitai::kstruct* _parent() const { return m__parent; }
    };
}
