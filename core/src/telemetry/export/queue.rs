use std::collections::VecDeque;

/// Items that wait, at most so many bytes of them. What has no room displaces the oldest.
#[derive(Debug)]
pub struct Queue {
    items: VecDeque<Vec<u8>>,
    bytes: usize,
    limit: usize,
}

/// What an item takes beside its bytes.
const OVERHEAD: usize = 48;

impl Queue {
    pub fn new(limit: usize) -> Self {
        Self { items: VecDeque::new(), bytes: 0, limit }
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// More than half of the room is taken.
    pub fn is_filling(&self) -> bool {
        self.bytes > self.limit / 2
    }

    /// Adds an item; returns how many were lost for it, which is itself when it is too large.
    pub fn push(&mut self, item: Vec<u8>) -> u64 {
        if size(&item) > self.limit {
            return 1;
        }
        self.bytes += size(&item);
        self.items.push_back(item);
        let mut lost = 0;
        while self.bytes > self.limit {
            let Some(oldest) = self.items.pop_front() else { break };
            self.bytes -= size(&oldest);
            lost += 1;
        }
        lost
    }

    /// The oldest items.
    pub fn take(&mut self, most: usize) -> Vec<Vec<u8>> {
        let taken: Vec<_> = self.items.drain(..most.min(self.items.len())).collect();
        self.bytes -= taken.iter().map(|item| size(item)).sum::<usize>();
        taken
    }

    /// Puts items back before those that came meanwhile; returns how many of them, the oldest, have no room any more.
    pub fn put_back(&mut self, items: Vec<Vec<u8>>) -> u64 {
        let mut lost = 0;
        for item in items.into_iter().rev() {
            if lost > 0 || self.bytes + size(&item) > self.limit {
                lost += 1;
            } else {
                self.bytes += size(&item);
                self.items.push_front(item);
            }
        }
        lost
    }
}

fn size(item: &[u8]) -> usize {
    item.len() + OVERHEAD
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::test;

    fn item(name: u8) -> Vec<u8> {
        vec![name; 52]
    }

    fn names(queue: &Queue) -> String {
        queue.items.iter().map(|item| char::from(item[0])).collect()
    }

    #[test]
    fn the_oldest_make_room() {
        let mut queue = Queue::new(300);
        let lost: Vec<u64> = b"abcde".iter().map(|name| queue.push(item(*name))).collect();
        assert_eq!((lost, names(&queue).as_str(), queue.bytes), (vec![0, 0, 0, 1, 1], "cde", 300));
        assert_eq!(queue.push(vec![b'x'; 253]), 1, "an item that has no room at all");
        assert_eq!((queue.push(vec![b'x'; 252]), names(&queue).as_str()), (3, "x"));
    }

    #[test]
    fn what_is_put_back_comes_first() {
        let mut queue = Queue::new(300);
        b"abc".iter().for_each(|name| assert_eq!(queue.push(item(*name)), 0));
        let taken = queue.take(2);
        assert_eq!((names(&queue).as_str(), queue.bytes, queue.is_filling()), ("c", 100, false));
        assert_eq!(queue.put_back(taken), 0);
        assert_eq!((names(&queue).as_str(), queue.bytes, queue.is_filling()), ("abc", 300, true));
        let taken = queue.take(9);
        assert_eq!(queue.push(item(b'd')), 0);
        assert_eq!(queue.put_back(taken), 1);
        assert_eq!(names(&queue), "bcd");
    }
}
