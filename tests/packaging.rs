//! What can be said of packages without building one: all that they are to hold is there. packaging/test builds and uses them.

use std::{fs, path::Path};

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(file: &str) -> String {
    fs::read_to_string(repository().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// Whether a path, perhaps with a `*` for its last part, is in the repository or made by packaging/build.
fn is_there(path: &str) -> bool {
    match path.strip_prefix("target/package/") {
        Some(made) => text("packaging/build").contains(&format!("\"$out/{}", made.split('/').next().unwrap())),
        None => match path.strip_suffix("/*") {
            Some(folder) => fs::read_dir(repository().join(folder)).is_ok_and(|mut files| files.next().is_some()),
            None => repository().join(path).is_file(),
        },
    }
}

#[test]
fn the_image_copies_what_is_there() {
    let dockerfile = text("packaging/docker/Dockerfile");
    let copied = dockerfile.lines().filter_map(|line| line.strip_prefix("COPY --from=build "));
    let sources: Vec<_> = copied.filter_map(|line| line.split(' ').find(|word| word.starts_with('/'))).collect();
    let ours: Vec<_> = sources.iter().filter_map(|path| path.strip_prefix("/sources/hasjoined/")).collect();
    assert_eq!((sources.len(), ours.len()), (4, 2), "{sources:?}");
    for path in ours {
        assert!(is_there(path), "{path}");
    }
}

#[test]
fn the_images_build_has_what_it_needs() {
    let ignored = text("packaging/docker/Dockerfile.dockerignore");
    for needed in ["Cargo.toml", "Cargo.lock", "src", "packaging", "upstreams.toml", "CHANGELOG.md", "benches", "tests"]
    {
        assert!(repository().join(needed).exists(), "{needed}");
        assert!(ignored.lines().all(|line| line.trim_matches('/') != needed), "{needed} is ignored");
    }
    let minor = |text: &str, before: &str| -> u32 {
        let version = text.split(before).nth(1).and_then(|rest| rest.split(['"', '-']).next()).unwrap();
        version.strip_prefix("1.").unwrap().parse().unwrap()
    };
    let (image, wanted) = (text("packaging/docker/Dockerfile"), text("Cargo.toml"));
    assert!(minor(&image, "FROM rust:") >= minor(&wanted, "\nrust-version = \""));
}

#[test]
fn the_debian_package_brings_what_is_there() {
    let manifest: toml::Table = toml::from_str(&text("Cargo.toml")).unwrap();
    let assets = manifest["package"]["metadata"]["deb"]["assets"].as_array().unwrap();
    assert!(assets.len() > 10);
    for asset in assets {
        let source = asset["source"].as_str().unwrap();
        assert!(is_there(source), "{source}");
    }
}
