use std::collections::BTreeMap;

/// Distinct strings with the numbers that they got.
#[derive(Default)]
pub(super) struct Pool {
    index: BTreeMap<Box<[u8]>, u32>,
}

impl Pool {
    pub(super) fn add(&mut self, bytes: &[u8]) -> u32 {
        if let Some(number) = self.index.get(bytes) {
            return *number;
        }
        let number = u32::try_from(self.index.len()).unwrap_or(u32::MAX);
        self.index.insert(bytes.into(), number);
        number
    }

    /// The strings in the order of their numbers.
    pub(super) fn into_list(self) -> Vec<Box<[u8]>> {
        let mut list: Vec<_> = self.index.into_iter().collect();
        list.sort_by_key(|(_, number)| *number);
        list.into_iter().map(|(bytes, _)| bytes).collect()
    }
}
