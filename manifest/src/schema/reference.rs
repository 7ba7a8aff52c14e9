use super::Schema;
/// x
pub fn reference(_: &Schema) -> String {
    String::new()
}
