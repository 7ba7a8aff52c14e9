//! The sections of wrangler.toml that are ours: those whose classes and bindings have our names. Everything else stays as it is written.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use anyhow::{Context, Result, bail};
use postern_core::resource::service::ResourceLimit;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

use super::{BINDING, CLASS, Deployed};
use crate::console;

/// What wrangler is told of one container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    class: String,
    binding: String,
    image: String,
    max_instances: i64,
    instance_type: Option<&'static str>,
}

/// Cloudflare's instance types: thousandths of a core, megabytes of memory.
const TYPES: [(&str, u32, u32); 6] = [
    ("lite", 62, 256),
    ("basic", 250, 1024),
    ("standard-1", 500, 4096),
    ("standard-2", 1000, 6144),
    ("standard-3", 2000, 8192),
    ("standard-4", 4000, 12_288),
];

impl Section {
    /// # Errors
    /// When Cloudflare has no instance type that is large enough.
    pub fn of(container: &Deployed, image: String) -> Result<Self> {
        let limit = container.source.resource_limit.as_ref();
        let instance_type = limit.map(|limit| instance_type(limit).with_context(|| container.title.clone())).transpose()?;
        let max_instances = i64::from(container.source.replicas.unwrap_or(1).max(1));
        Ok(Self { class: container.class(), binding: container.binding(), image, max_instances, instance_type })
    }
}

/// Makes the file tell wrangler of these containers and no others of ours. True when it has changed.
///
/// # Errors
/// When the file cannot be read, understood or written.
pub fn put(path: &Path, sections: &[Section]) -> Result<bool> {
    let place = path.display();
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if !sections.is_empty() {
                console::warning(&format!("there is no {place} here: it must name the containers of the configuration"));
            }
            return Ok(false);
        }
        read => read.with_context(|| format!("{place} cannot be read"))?,
    };
    let Some(text) = with_sections(&text, sections).with_context(|| format!("{place} cannot be used"))? else { return Ok(false) };
    fs::write(path, text).with_context(|| format!("{place} cannot be written"))?;
    console::note(&format!("{place}: it tells of {} container(s) now", sections.len()));
    Ok(true)
}

/// The smallest that has what the container may use.
fn instance_type(limit: &ResourceLimit) -> Result<&'static str> {
    let (cpu, memory) = (limit.cpu.as_ref().map_or(0, |cpu| cpu.millicores), limit.memory.as_ref().map_or(0, |memory| memory.megabytes));
    match TYPES.iter().find(|(_, most_cpu, most_memory)| cpu <= *most_cpu && memory <= *most_memory) {
        Some((name, ..)) => Ok(name),
        None => bail!("no instance of Cloudflare's has {cpu} millicores and {memory} megabytes: the largest has 4000 and 12288"),
    }
}

/// The new text; `None` when the file says all that already.
fn with_sections(text: &str, sections: &[Section]) -> Result<Option<String>> {
    let mut document: DocumentMut = text.parse()?;
    let classes: BTreeSet<String> = sections.iter().map(|section| section.class.clone()).collect();
    let known = classes_of(&document)?;
    replace(&mut document, &["containers"], ("class_name", CLASS), sections.iter().map(container).collect())?;
    replace(&mut document, &["durable_objects", "bindings"], ("name", BINDING), sections.iter().map(binding).collect())?;
    // What a deployment has migrated to is history: it is added to, and never changed.
    let difference = |one: &BTreeSet<String>, other: &BTreeSet<String>| one.difference(other).cloned().collect::<Vec<_>>();
    migrate(&mut document, "new_sqlite_classes", &difference(&classes, &known))?;
    migrate(&mut document, "deleted_classes", &difference(&known, &classes))?;
    let new = document.to_string();
    Ok((new != text).then_some(new))
}

/// The classes of ours that a deployment has after all migrations.
fn classes_of(document: &DocumentMut) -> Result<BTreeSet<String>> {
    let mut classes = BTreeSet::new();
    for migration in tables(document.get("migrations"))? {
        let named = |key: &str| {
            let list = migration.get(key).and_then(Item::as_array).into_iter().flatten();
            list.filter_map(|name| name.as_str()).filter(|name| name.starts_with(CLASS)).map(str::to_owned).collect::<Vec<_>>()
        };
        classes.extend(named("new_sqlite_classes"));
        for name in named("deleted_classes") {
            classes.remove(&name);
        }
    }
    Ok(classes)
}

fn tables(item: Option<&Item>) -> Result<impl Iterator<Item = &Table>> {
    let list = match item {
        None => None,
        Some(item) => Some(item.as_array_of_tables().context("a section is not written as [[…]]")?),
    };
    Ok(list.into_iter().flatten())
}

/// Puts tables in the place of those of ours: where `key` has a value that begins so.
fn replace(document: &mut DocumentMut, path: &[&str], (key, ours): (&str, &str), tables: Vec<Table>) -> Result<()> {
    let mut item = document.as_item_mut();
    if tables.is_empty() && path.iter().try_fold(&*item, |item, name| item.get(name)).is_none() {
        return Ok(());
    }
    for name in path.iter().take(path.len().saturating_sub(1)) {
        let table = item.as_table_mut().context("a section is not a table")?;
        item = table.entry(name).or_insert_with(|| Item::Table(implicit()));
    }
    let (Some(last), Some(table)) = (path.last(), item.as_table_mut()) else { bail!("a section is not a table") };
    let list = table.entry(last).or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    let list = list.as_array_of_tables_mut().with_context(|| format!("`{}` is not written as [[{}]]", path.join("."), path.join(".")))?;
    let is_ours = |table: &Table| table.get(key).and_then(Item::as_str).is_some_and(|text| text.starts_with(ours));
    let before: Vec<String> = list.iter().filter(|table| is_ours(table)).map(bare).collect();
    if before == tables.iter().map(bare).collect::<Vec<_>>() {
        return Ok(());
    }
    list.retain(|table| !is_ours(table));
    tables.into_iter().for_each(|table| list.push(table));
    Ok(())
}

/// A table's content, without the space around it.
fn bare(table: &Table) -> String {
    table.iter().map(|(key, item)| format!("{key}={}\n", item.to_string().trim())).collect()
}

fn implicit() -> Table {
    let mut table = Table::new();
    table.set_implicit(true);
    table
}

fn container(section: &Section) -> Table {
    let mut table = section_table();
    table.insert("class_name", value(section.class.as_str()));
    table.insert("image", value(section.image.as_str()));
    table.insert("max_instances", value(section.max_instances));
    if let Some(instance_type) = section.instance_type {
        table.insert("instance_type", value(instance_type));
    }
    table
}

fn binding(section: &Section) -> Table {
    let mut table = section_table();
    table.insert("name", value(section.binding.as_str()));
    table.insert("class_name", value(section.class.as_str()));
    table
}

fn migrate(document: &mut DocumentMut, key: &str, classes: &[String]) -> Result<()> {
    if classes.is_empty() {
        return Ok(());
    }
    let list = document.entry("migrations").or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    let list = list.as_array_of_tables_mut().context("`migrations` is not written as [[migrations]]")?;
    let is_taken = |tag: &str| list.iter().any(|migration| migration.get("tag").and_then(Item::as_str) == Some(tag));
    let tag = (list.len() + 1..).map(|number| format!("v{number}")).find(|tag| !is_taken(tag)).unwrap_or_default();
    let mut table = section_table();
    table.insert("tag", value(tag));
    table.insert(key, value(classes.iter().collect::<Array>()));
    list.push(table);
    Ok(())
}

/// With a line before it, as people write them.
fn section_table() -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    table
}

#[cfg(test)]
mod tests {
    use postern_core::resource::service::{CpuLimit, MemoryLimit};

    use super::*;

    fn section(id: &str, image: &str) -> Section {
        let (class, binding) = (format!("{CLASS}{id}"), format!("{BINDING}{}", id.to_uppercase()));
        Section { class, binding, image: image.to_owned(), max_instances: 2, instance_type: Some("basic") }
    }

    const BEFORE: &str = "# mine\nname = \"postern\"\n\n[[durable_objects.bindings]]\nname = \"POSTERN_COUNTER\" # exact\nclass_name = \"PosternCounter\"\n\n[[migrations]]\ntag = \"v1\"\nnew_sqlite_classes = [\"PosternCounter\"]\n";

    #[test]
    fn containers_come_change_and_go() {
        assert_eq!(with_sections(BEFORE, &[]).unwrap(), None);
        let one = with_sections(BEFORE, &[section("aa", "docker.io/a:1")]).unwrap().unwrap();
        assert!(one.starts_with("# mine\nname = \"postern\"\n") && one.contains("\"POSTERN_COUNTER\" # exact"), "{one}");
        for part in [
            "\n[[containers]]\nclass_name = \"PosternContaineraa\"\nimage = \"docker.io/a:1\"\nmax_instances = 2\ninstance_type = \"basic\"\n",
            "\n[[durable_objects.bindings]]\nname = \"POSTERN_CONTAINER_AA\"\nclass_name = \"PosternContaineraa\"\n",
            "\n[[migrations]]\ntag = \"v2\"\nnew_sqlite_classes = [\"PosternContaineraa\"]\n",
        ] {
            assert!(one.contains(part), "{part} in {one}");
        }
        assert_eq!(with_sections(&one, &[section("aa", "docker.io/a:1")]).unwrap(), None);

        let newer = with_sections(&one, &[section("aa", "docker.io/a:2")]).unwrap().unwrap();
        assert_eq!(newer, one.replace("a:1", "a:2"), "a new image is no migration");

        let gone = with_sections(&newer, &[section("bb", "docker.io/b:1")]).unwrap().unwrap();
        assert!(!gone.contains("docker.io/a") && !gone.contains("CONTAINER_AA"), "{gone}");
        assert!(gone.contains("tag = \"v3\"\nnew_sqlite_classes = [\"PosternContainerbb\"]"), "{gone}");
        assert!(gone.contains("tag = \"v4\"\ndeleted_classes = [\"PosternContaineraa\"]\n"), "{gone}");
        let back = with_sections(&gone, &[section("aa", "docker.io/a:1"), section("bb", "docker.io/b:1")]).unwrap().unwrap();
        assert!(back.contains("tag = \"v5\"\nnew_sqlite_classes = [\"PosternContaineraa\"]\n"), "{back}");
    }

    #[test]
    fn what_is_not_understood_is_left_alone() {
        for text in ["migrations = []\n", "containers = \"x\"\n", "not toml"] {
            assert!(with_sections(text, &[section("aa", "a:1")]).is_err(), "{text}");
        }
    }

    #[test]
    fn the_smallest_instance_that_is_large_enough() {
        for (millicores, megabytes, expected) in [
            (None, None, Some("lite")),
            (Some(250), None, Some("basic")),
            (None, Some(1025), Some("standard-1")),
            (Some(2000), Some(4000), Some("standard-3")),
            (Some(100), Some(12_288), Some("standard-4")),
            (Some(4001), None, None),
        ] {
            let limit = ResourceLimit {
                cpu: millicores.map(|millicores| CpuLimit { millicores }),
                memory: megabytes.map(|megabytes| MemoryLimit { megabytes }),
                ..ResourceLimit::default()
            };
            assert_eq!(instance_type(&limit).ok(), expected, "{millicores:?} {megabytes:?}");
        }
    }
}
