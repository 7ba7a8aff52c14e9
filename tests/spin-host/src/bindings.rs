//! Spin's own interfaces, from `wit/`.

wasmtime::component::bindgen!({
    path: "wit",
    world: "postern:spin-host/imports",
    imports: {
        "spin:key-value/key-value.[static]store.open": async | store | trappable,
        "spin:key-value/key-value.[method]store.get": async | store | trappable,
        "spin:key-value/key-value.[method]store.set": async | store | trappable,
        "spin:key-value/key-value.[method]store.delete": async | store | trappable,
        "spin:key-value/key-value.[method]store.exists": async | store | trappable,
        "spin:key-value/key-value.[method]store.get-keys": async | store | trappable,
        "spin:variables/variables.get": async | store | trappable,
        default: trappable,
    },
    with: {
        "spin:key-value/key-value.store": crate::key_value::Store,
        "wasi:keyvalue/store.bucket": crate::key_value::Store,
        "wasi:keyvalue/atomics.cas": crate::key_value::Cas,
    },
});
