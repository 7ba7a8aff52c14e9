use std::process::ExitCode;

use anyhow::Result;
use postern_manifest::reference;

use crate::args::Schema;
use crate::console;

pub fn run(args: &Schema) -> Result<ExitCode> {
    let schema = postern_manifest::Schema::new();
    if args.markdown {
        console::result(&reference(&schema))?;
    } else {
        console::json(schema.document())?;
    }
    Ok(ExitCode::SUCCESS)
}
