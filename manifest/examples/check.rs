fn main() {
    let paths: Vec<_> = std::env::args_os().skip(1).map(Into::into).collect();
    let m = postern_manifest::Manifest::read(&paths, &mut std::io::stdin());
    let (s, r) = m.compile(Default::default());
    print!("{}", r.render(false));
    if let Some(s) = s { println!("{}", serde_json::to_string(&s).unwrap()); }
}
