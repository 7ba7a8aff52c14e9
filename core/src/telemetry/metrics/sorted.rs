/// A small map, sorted by key in one list: in Wasm it takes a fraction of the code of a tree.
#[derive(Debug)]
pub struct Sorted<K, V>(Vec<(K, V)>);

impl<K, V> Default for Sorted<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord, V: Default> Sorted<K, V> {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn get_mut(&mut self, key: &K) -> Option<&mut V> {
        let index = self.0.binary_search_by(|(known, _)| known.cmp(key)).ok()?;
        self.0.get_mut(index).map(|(_, value)| value)
    }

    /// Changes the key's value, which is the default before.
    pub fn change(&mut self, key: K, change: impl FnOnce(&mut V)) {
        match self.0.binary_search_by(|(known, _)| known.cmp(&key)) {
            Ok(index) => {
                if let Some((_, value)) = self.0.get_mut(index) {
                    change(value);
                }
            }
            Err(index) => {
                let mut value = V::default();
                change(&mut value);
                self.0.insert(index, (key, value));
            }
        }
    }

    pub fn contains(&self, key: &K) -> bool {
        self.0.binary_search_by(|(known, _)| known.cmp(key)).is_ok()
    }

    pub fn iter(&self) -> std::slice::Iter<'_, (K, V)> {
        self.0.iter()
    }

    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, (K, V)> {
        self.0.iter_mut()
    }

    pub fn retain(&mut self, keep: impl Fn(&V) -> bool) {
        self.0.retain(|(_, value)| keep(value));
    }

    pub fn into_entries(self) -> Vec<(K, V)> {
        self.0
    }
}
