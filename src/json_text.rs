// SPDX-License-Identifier: MIT OR Apache-2.0
//! JSON text for types that a report shows by their `Display` form.

/// Implements `Serialize` and `JsonSchema` for types whose JSON form is the text of their `Display`.
macro_rules! json_text {
    ($($type:ty),+ $(,)?) => {$(
        #[cfg(feature = "serde")]
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        #[cfg(feature = "schema")]
        impl schemars::JsonSchema for $type {
            fn schema_name() -> alloc::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
                alloc::string::String::json_schema(generator)
            }

            fn inline_schema() -> bool {
                true
            }
        }
    )+};
}
